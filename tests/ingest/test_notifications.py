"""Which objects a queue's message names, in every form in which AWS announces them, and what is no such message."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from responder.ingest.keys import KeyKind, Place, kind_of, place_of
from responder.ingest.notifications import Notice, NoticeKind, NotOurs, S3Object, objects

KEY = (
    "AWSLogs/111122223333/CloudTrail/us-east-1/2024/05/01/111122223333_CloudTrail_us-east-1_20240501T1200Z_Ab1.json.gz"
)


def s3_record(key: str = KEY, **more: Any) -> dict[str, Any]:
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-west-1",
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": "logs"}, "object": {"key": key, "size": 912, "eTag": "9d", "versionId": "v1"}},
        **more,
    }


def s3_event(*keys: str) -> dict[str, Any]:
    return {"Records": [s3_record(key) for key in keys or (KEY,)]}


def through_sns(message: str) -> str:
    topic = "arn:aws:sns:eu-west-1:111122223333:trail"
    return json.dumps({"Type": "Notification", "MessageId": "1", "TopicArn": topic, "Message": message})


CLOUDTRAIL = json.dumps({"s3Bucket": "logs", "s3ObjectKey": [KEY, "odd+name%20.json.gz"]})
EVENTBRIDGE: dict[str, Any] = {
    "version": "0",
    "id": "17793124-05d4-b198-2fde-7ededc63b103",
    "detail-type": "Object Created",
    "source": "aws.s3",
    "region": "eu-west-1",
    "detail": {
        "bucket": {"name": "logs"},
        "object": {"key": "a b+c.json.gz", "size": 5, "etag": "9d", "version-id": "v1"},
        "reason": "PutObject",
    },
}
OBJECT = S3Object("logs", KEY, "eu-west-1", 912, "v1", "9d")


@pytest.mark.parametrize(
    ("body", "kind", "found"),
    [
        (json.dumps(s3_event()), NoticeKind.S3_EVENT, (OBJECT,)),
        (through_sns(json.dumps(s3_event())), NoticeKind.S3_THROUGH_SNS, (OBJECT,)),
        (json.dumps(through_sns(json.dumps(s3_event()))), NoticeKind.S3_THROUGH_SNS, (OBJECT,)),
        (
            CLOUDTRAIL,
            NoticeKind.CLOUDTRAIL_SNS,
            (S3Object("logs", KEY), S3Object("logs", "odd+name%20.json.gz")),
        ),
        (
            through_sns(CLOUDTRAIL),
            NoticeKind.CLOUDTRAIL_SNS,
            (S3Object("logs", KEY), S3Object("logs", "odd+name%20.json.gz")),
        ),
        (
            json.dumps(EVENTBRIDGE),
            NoticeKind.EVENTBRIDGE,
            (S3Object("logs", "a b+c.json.gz", "eu-west-1", 5, "v1", "9d"),),
        ),
        (
            through_sns(json.dumps(EVENTBRIDGE)),
            NoticeKind.EVENTBRIDGE,
            (S3Object("logs", "a b+c.json.gz", "eu-west-1", 5, "v1", "9d"),),
        ),
        ('{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"logs"}', NoticeKind.TEST_EVENT, ()),
        ("CloudTrail validation message.", NoticeKind.VALIDATION_MESSAGE, ()),
        (through_sns("CloudTrail validation message."), NoticeKind.VALIDATION_MESSAGE, ()),
        (json.dumps({**EVENTBRIDGE, "detail-type": "Object Deleted"}), NoticeKind.EVENTBRIDGE, ()),
        (json.dumps({"Records": [s3_record(eventName="ObjectRemoved:Delete")]}), NoticeKind.S3_EVENT, ()),
    ],
)  # fmt: skip
def test_each_form_names_its_objects(body: str, kind: NoticeKind, found: tuple[S3Object, ...]) -> None:
    assert objects(body) == Notice(kind, found)


def test_every_object_of_a_message_is_named() -> None:
    assert [each.key for each in objects(json.dumps(s3_event("a", "b", "c"))).objects] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("encoded", "key"), [("a%2Bb+c%C3%BC.gz", "a+b cü.gz"), ("a%2520b", "a%20b"), ("%E2%82%AC/%3D", "€/=")]
)
def test_the_keys_of_s3_are_decoded_and_the_others_are_not(encoded: str, key: str) -> None:
    (from_s3,) = objects(json.dumps(s3_event(encoded))).objects
    assert (from_s3.key, from_s3.undecoded_key) == (key, encoded)
    (from_cloudtrail,) = objects(json.dumps({"s3Bucket": "logs", "s3ObjectKey": [encoded]})).objects
    assert (from_cloudtrail.key, from_cloudtrail.undecoded_key) == (encoded, None)


def test_a_key_without_anything_encoded_has_one_spelling() -> None:
    assert objects(json.dumps(s3_event())).objects[0].undecoded_key is None


VIA_CLOUDTRAIL = {"source": "aws.iam", "detail-type": "AWS API Call via CloudTrail", "detail": {"eventVersion": "1.11"}}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "is not JSON"),
        ("hello", "is not JSON"),
        ("[1]", "no JSON object"),
        ("null", "no JSON object"),
        ('{"a":1}', "names no S3 object"),
        ('{"Records":{}}', "no list"),
        ('{"Records":[7]}', "no S3 event"),
        (json.dumps({"Records": [s3_record(), {"eventSource": "aws:ses"}]}), "no S3 event"),
        (json.dumps({"Records": [s3_record(eventName=7)]}), "no eventName"),
        (json.dumps({"Records": [s3_record(s3={})]}), 'no "object"'),
        (json.dumps({"Records": [s3_record(s3={"object": {"key": "a"}})]}), 'no "bucket"'),
        (json.dumps(s3_event("")), "names no object"),
        (json.dumps(s3_event("x" * 1025)), "longer than 1,024 bytes"),
        ('{"s3Bucket":"logs","s3ObjectKey":[]}', "names no object"),
        ('{"s3Bucket":"logs","s3ObjectKey":[7]}', "names no object"),
        ('{"s3Bucket":"../x?","s3ObjectKey":["a"]}', "characters that no bucket has"),
        ('{"s3Bucket":"...","s3ObjectKey":["a"]}', "characters that no bucket has"),
        ('{"s3Bucket":"a..b","s3ObjectKey":["a"]}', "characters that no bucket has"),
        (json.dumps(VIA_CLOUDTRAIL), "a CloudTrail record, not the name of a file"),
        (json.dumps({**EVENTBRIDGE, "source": "aws.glacier"}), "not from S3"),
        (json.dumps({"Type": "SubscriptionConfirmation", "TopicArn": "t", "Message": "m"}), "confirm the subscription"),
        (json.dumps({"Type": "Notification", "TopicArn": "t", "Message": {}}), "no notification"),
        ("[" * 100_000, "nested deeper"),
        (" " * 1_100_000, "longer than SQS takes"),
        (json.dumps(json.dumps(json.dumps(json.dumps(s3_event())))), "no JSON object"),
    ],
)
def test_what_is_no_such_message_is_refused_with_the_reason(body: str, reason: str) -> None:
    with pytest.raises(NotOurs) as caught:
        objects(body)
    assert reason in str(caught.value) and str(caught.value).isprintable()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Records", "s3", "Type", "Message", "TopicArn", "detail", "detail-type", "s3Bucket", "key"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@settings(max_examples=80, deadline=None)
@given(JSON, st.sampled_from(["s3", "eventbridge", "cloudtrail"]), st.randoms(use_true_random=False))
def test_whatever_stands_in_a_message_it_is_read_or_refused(value: Any, form: str, order: Any) -> None:
    message: Any = {"s3": s3_event(), "eventbridge": EVENTBRIDGE, "cloudtrail": json.loads(CLOUDTRAIL)}[form]
    message = json.loads(json.dumps(message))
    place = message
    while isinstance(place, dict) and place and order.random() < 0.8:
        name = order.choice(sorted(place))
        if not isinstance(place[name], dict) or order.random() < 0.3:
            place[name] = value
            break
        place = place[name]
    for body in (json.dumps(message), json.dumps(value)):
        try:
            notice = objects(body)
        except NotOurs as error:
            assert str(error)
        else:
            assert all(isinstance(each.key, str) and each.bucket for each in notice.objects)


# --- what an object holds, by its key ---------------------------------------------------------------------------------

FOLDER, FILE = "AWSLogs/111122223333", "us-east-1/2024/05/01/a.json.gz"
HERE, THERE = Place("111122223333", "us-east-1"), Place("444455556666", "eu-west-1")


@pytest.mark.parametrize(
    ("key", "kind", "place"),
    [
        (KEY, KeyKind.CLOUDTRAIL, HERE),
        (f"prefix/x/{KEY}", KeyKind.CLOUDTRAIL, HERE),
        ("AWSLogs/o-ab12cd34ef/444455556666/CloudTrail/eu-west-1/2024/05/01/a.gz", KeyKind.CLOUDTRAIL, THERE),
        (f"{FOLDER}/CloudTrail-NetworkActivity/{FILE}", KeyKind.CLOUDTRAIL, HERE),
        (f"{FOLDER}/CloudTrail-Insight/{FILE}", KeyKind.INSIGHT, HERE),
        (f"{FOLDER}/CloudTrail-Digest/{FILE}", KeyKind.DIGEST, HERE),
        (f"{FOLDER}/CloudTrail-Aggregated/{FILE}", KeyKind.AGGREGATED, HERE),
        ("copied/444455556666_CloudTrail_eu-west-1_20240501T1200Z_Ab1.json.gz", KeyKind.CLOUDTRAIL, THERE),
        ("444455556666_CloudTrail-Digest_eu-west-1_t_us-east-1_2024.json.gz", KeyKind.DIGEST, THERE),
        (f"{FOLDER}/Config/{FILE}", KeyKind.OTHER, HERE),
        (f"{FOLDER}/elasticloadbalancing/{FILE}", KeyKind.OTHER, HERE),
        (f"{FOLDER}/CloudTrail/us-east-1/2024/05/01/", KeyKind.OTHER, None),
        (f"{FOLDER}/CloudTrail/", KeyKind.OTHER, None),
        (f"x{FOLDER}/CloudTrail/{FILE}", KeyKind.OTHER, None),
        (f"AWSLogs/1111/CloudTrail/{FILE}", KeyKind.OTHER, None),
        ("report.csv", KeyKind.OTHER, None),
        ("", KeyKind.OTHER, None),
        # CloudTrail writes no such keys. They would break out of events, log lines and URLs.
        (f"{FOLDER}/CloudTrail/us-east-1/2024/05/01/a\nb.json.gz", KeyKind.OTHER, HERE),
        (f"{FOLDER}/CloudTrail/us-east-1/2024/05/01/a\x01.json.gz", KeyKind.OTHER, HERE),
        (f"{FOLDER}/CloudTrail/us-east-1/2024/05/01/a\u202eb.json.gz", KeyKind.OTHER, HERE),
        (f"x\uffff/{KEY}", KeyKind.OTHER, HERE),
        (f"../{KEY}", KeyKind.OTHER, HERE),
        (f"logs/./{KEY}", KeyKind.OTHER, HERE),
    ],
)
def test_a_key_says_what_its_object_holds_and_whose_it_is(key: str, kind: KeyKind, place: Place | None) -> None:
    assert (kind_of(key), place_of(key)) == (kind, place)
