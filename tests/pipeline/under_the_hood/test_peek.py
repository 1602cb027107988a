"""A look into a queue shows a message and its file, and leaves the queue as it was."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from responder.aws.client import Aws
from responder.errors import NotFound, Rejected, Unavailable
from responder.pipeline import peek as peeking
from responder.pipeline import peek_rows
from responder.pipeline.peek import AWAY, peek

from sandbox.aws.digests import HOUR
from sandbox.aws.server import AwsStandIn
from tests.aws.support import FaultyAws
from tests.pipeline.under_the_hood.conftest import START, TrailInS3, app_aws, record

FOLDER = "AWSLogs/123456789012/CloudTrail/us-east-1/2026/11/29/"
KEY = f"{FOLDER}123456789012_CloudTrail_us-east-1_20261129T0805Z_abcdefghij123456.json.gz"


@pytest.fixture
def sqs(stand_in: AwsStandIn, region: str) -> Any:
    return stand_in.client("sqs", region)


@pytest.fixture
def bucket(stand_in: AwsStandIn, name: str) -> str:
    """With a log file of five records."""
    s3 = stand_in.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key=KEY, Body=log_file(5))
    return name


def log_file(records: int) -> bytes:
    return gzip.compress(json.dumps({"Records": [record(number, START) for number in range(records)]}).encode())


def s3_event(bucket: str, *keys: str) -> str:
    entries = [
        {"eventSource": "aws:s3", "s3": {"bucket": {"name": bucket}, "object": {"key": key, "size": 1}}} for key in keys
    ]
    return json.dumps({"Records": entries})


def counts(sqs: Any, url: str) -> dict[str, int]:
    given = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {name: int(value) for name, value in given.items() if name.startswith("ApproximateNumberOfMessages")}


def test_a_look_leaves_the_queue_as_it_was(
    aws: Aws, region: str, sqs: Any, queue: Callable[..., str], bucket: str, name: str
) -> None:
    url = queue()
    sent = {sqs.send_message(QueueUrl=url, MessageBody=s3_event(bucket, KEY))["MessageId"] for _ in range(3)}
    before = counts(sqs, url)
    found = peek(aws, region, name)
    assert found.message is not None and found.message.is_given_back
    assert counts(sqs, url) == before
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])["Messages"]
    assert {one["MessageId"] for one in received} == sent, "all of them can be received at once"
    seen = {one["MessageId"]: one["Attributes"]["ApproximateReceiveCount"] for one in received}
    assert seen[found.message.id] == "2", "the look counts"


def test_the_message_is_back_even_if_the_process_ends_right_after_it_was_received(
    aws: Aws, region: str, sqs: Any, queue: Callable[..., str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = queue()
    sqs.send_message(QueueUrl=url, MessageBody="x")
    asked: list[dict[str, Any]] = []
    read_once = aws.read_once

    def received(*arguments: Any, **parameters: Any) -> Any:
        asked.append(parameters)
        return read_once(*arguments, **parameters)

    monkeypatch.setattr(aws, "read_once", received)
    monkeypatch.setattr(aws, "read", ends_at("change_message_visibility", aws.read))
    with pytest.raises(Ended):
        peek(aws, region, name)
    assert asked[0]["VisibilityTimeout"] == AWAY <= 10


class Ended(BaseException):
    """The process ends here: nothing that catches errors sees it."""


def ends_at(operation: str, read: Any) -> Any:
    def call(*arguments: Any, **parameters: Any) -> Any:
        if operation in arguments:
            raise Ended
        return read(*arguments, **parameters)

    return call


def test_a_message_that_cannot_be_given_back_is_said_to_be_away(
    aws: Aws, region: str, sqs: Any, queue: Callable[..., str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs.send_message(QueueUrl=queue(), MessageBody="x")
    read = aws.read

    def refused(*arguments: Any, **parameters: Any) -> Any:
        if "change_message_visibility" in arguments:
            raise Unavailable("AWS cannot do it now.")
        return read(*arguments, **parameters)

    monkeypatch.setattr(aws, "read", refused)
    found = peek(aws, region, name)
    assert found.message is not None and not found.message.is_given_back
    (row,) = [row for row in peek_rows.rows(found) if row["part"] == "message"]
    assert f"It is back by itself after {AWAY} seconds" in row["why"]


@pytest.fixture
def faulty(stand_in: AwsStandIn) -> Iterator[FaultyAws]:
    proxy = FaultyAws(stand_in.url)
    yield proxy
    proxy.stop()


def test_a_receive_whose_answer_is_lost_is_not_repeated(
    faulty: FaultyAws, region: str, sqs: Any, queue: Callable[..., str], name: str
) -> None:
    """Each receive counts, and one that nobody has seen might be the last that is left."""
    url = queue()
    sqs.send_message(QueueUrl=url, MessageBody="x")
    faulty.add("ReceiveMessage", status=500, body="oops", after=True)
    with pytest.raises(Unavailable, match=f"is back after {AWAY} seconds"):
        peek(app_aws(faulty.url), region, name)
    assert faulty.seen.count("ReceiveMessage") == 1
    assert counts(sqs, url)["ApproximateNumberOfMessagesNotVisible"] == 1


def test_a_queue_whose_messages_a_look_would_lose_is_not_looked_into_unless_told(
    aws: Aws, region: str, sqs: Any, queue: Callable[..., str], name: str
) -> None:
    url = queue(max_receives=1)
    sqs.send_message(QueueUrl=url, MessageBody="x")
    with pytest.raises(Rejected, match="maxReceiveCount of 1"):
        peek(aws, region, name)
    given = sqs.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"][0]
    assert given["Attributes"]["ApproximateReceiveCount"] == "1", "nobody had received it"
    assert peek(aws, region, name, force=True).queue is not None


def test_what_a_look_costs_is_said(aws: Aws, region: str, sqs: Any, queue: Callable[..., str], name: str) -> None:
    sqs.send_message(QueueUrl=queue(max_receives=2), MessageBody="x")

    def said() -> str:
        (row,) = [row for row in peek_rows.rows(peek(aws, region, name)) if row["part"] == "message"]
        return row["why"]

    assert f"number 1 of 2. A message that is received more often moves to {name}-dead" in said()
    assert f"receive 2 of 2: the next moves it to {name}-dead" in said()


def test_the_file_is_shown_with_its_first_records(
    aws: Aws, region: str, sqs: Any, queue: Callable[..., str], bucket: str, name: str
) -> None:
    sqs.send_message(QueueUrl=queue(), MessageBody=s3_event(bucket, KEY))
    (file,) = peek(aws, region, name).files
    assert (file.records, len(file.first), file.problem, file.beside) == (5, 3, "", 1)
    assert file.first[0]["eventName"] == "CreateAccessKey"
    assert file.size < file.content_size == len(gzip.decompress(log_file(5)))
    rows = peek_rows.rows(peek(aws, region, name))
    assert [row["label"] for row in rows if row["part"] == "record"] == [f"Record {n} of 5" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"\x1f\x8b broken", "is no valid gzip"),
        (log_file(3)[:-20], "is cut off"),
        (b"<html>", "is no JSON object or list"),
        (b"", "is cut off"),
        (None, "does not exist (any more)"),
    ],
)
def test_a_file_that_is_broken_or_gone_is_said_to_be(
    aws: Aws,
    region: str,
    stand_in: AwsStandIn,
    sqs: Any,
    queue: Callable[..., str],
    bucket: str,
    name: str,
    body: bytes | None,
    problem: str,
) -> None:
    key = f"{FOLDER}odd name+ü.json.gz"
    if body is not None:
        stand_in.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    sqs.send_message(QueueUrl=queue(), MessageBody=s3_event(bucket, f"{FOLDER}odd+name%2B%C3%BC.json.gz"))
    (file,) = peek(aws, region, name).files
    assert file.named.key == key and problem in file.problem


@pytest.mark.parametrize("harm", ["none", "changed", "no digest", "forged digest"])
def test_whether_the_file_is_as_cloudtrail_wrote_it_is_said(
    aws: Aws, region: str, sqs: Any, queue: Callable[..., str], trail: TrailInS3, harm: str
) -> None:
    log, digest = trail.logs[4], trail.digests[2]
    if harm == "changed":
        trail.put(log, log_file(5), at=START + HOUR)
    elif harm == "no digest":
        trail.delete(digest)
    elif harm == "forged digest":
        trail.put(digest, trail.read(digest)[0], {"signature": "ab" * 256, "signature-algorithm": "SHA256withRSA"})
    sqs.send_message(QueueUrl=queue(), MessageBody=s3_event(trail.bucket, log))
    found = peek(aws, region, trail.bucket)
    (signature,) = found.signatures
    assert signature is not None
    expected = {"none": ("signed", digest), "changed": ("changed", digest)}.get(harm, ("unsigned", ""))
    assert (signature.state, signature.digest) == expected
    (row,) = [row for row in peek_rows.rows(found) if row["part"] == "digest"]
    assert row["label"] == f"Signature: {expected[0]}"


def test_many_files_of_one_message_are_counted_and_some_are_shown(
    aws: Aws, region: str, sqs: Any, queue: Callable[..., str], bucket: str, name: str
) -> None:
    sqs.send_message(QueueUrl=queue(), MessageBody=s3_event(bucket, *[KEY] * 7))
    found = peek(aws, region, name)
    assert (len(found.files), found.more_files) == (peeking.FILES, 4)


def test_queues_are_shown_with_what_fills_them_and_where_dead_letters_go(
    aws: Aws, region: str, stand_in: AwsStandIn, sqs: Any, queue: Callable[..., str], name: str
) -> None:
    url, sns = queue(), stand_in.client("sns", region)
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topics = [sns.create_topic(Name=f"{name}-{number}")["TopicArn"] for number in range(2)]
    for topic, is_raw in zip(topics, ("true", "false")):
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": is_raw})
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::b1"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sns.publish(TopicArn=topics[0], Message="raw")
    sns.publish(TopicArn=topics[1], Message="in an envelope")
    rows = {row["label"]: row for row in peek_rows.rows(peek(aws, region)) if row["part"] == "queue"}
    facts = json.loads(rows[name]["detail"])
    assert (facts["messages"], facts["dead_letter_queue"], facts["max_receive_count"]) == (2, f"{name}-dead", 5)
    assert sorted(facts["fed_by"]) == [
        f"SNS topic {topics[0]}, raw message delivery",
        f"SNS topic {topics[1]}, in SNS's envelope",
        "s3.amazonaws.com arn:aws:s3:::b1",
    ]
    assert json.loads(rows[f"{name}-dead"]["detail"])["dead_letters_of"] == [name]


def test_the_only_queue_that_something_fills_needs_no_name(aws: Aws, stand_in: AwsStandIn, name: str) -> None:
    region = "ap-southeast-5"
    sqs, sns = stand_in.client("sqs", region), stand_in.client("sns", region)
    assert peek(aws, region).queue is None
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    other = sqs.create_queue(QueueName=f"{name}-of-somebody")["QueueUrl"]
    try:
        assert peek(aws, region).queue is None
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        topic = sns.create_topic(Name=name)["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        sns.publish(TopicArn=topic, Message=s3_event("b1", KEY))
        found = peek(aws, region)
        assert found.queue is not None and found.queue.name == name
        assert [layer.label for layer in found.layers] == ["SNS message", "S3 event notification"]
    finally:
        for made in (url, other):
            sqs.delete_queue(QueueUrl=made)


def test_an_empty_queue_and_one_that_does_not_exist_say_so(
    aws: Aws, region: str, queue: Callable[..., str], name: str
) -> None:
    url = queue()
    assert peek(aws, region, url).message is None
    with pytest.raises(NotFound, match="There is no queue 'no-such-queue' in eu-south-2"):
        peek(aws, region, "no-such-queue")
