"""What a person may choose of a pipeline: bad input is one line, and names and ARNs are right wherever it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from responder import arn
from responder.errors import DamagedDocument, Rejected
from responder.pipeline import costs, templates
from responder.pipeline.description import describe
from responder.pipeline.events import selectors
from responder.pipeline.names import LONGEST_STEM, NAMED
from responder.pipeline.options import Options
from responder.pipeline.place import Place
from responder.pipeline.record import Record

TRAIL = "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"
READER = {"reader": "arn:aws:iam::111122223333:user/splunk", "external_id": "x1"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"stem": "Upper"}, "cannot begin the names"),
        ({"stem": "a--b"}, "cannot begin the names"),
        ({"stem": "x" * (LONGEST_STEM + 1)}, "cannot begin the names"),
        ({"stem": "ab\nERROR forged"}, "'ab ERROR forged' cannot begin"),
        ({"names": {"bucket": "192.168.5.4"}}, "no name of a bucket"),
        ({"names": {"bucket": "xn--logs"}}, "no name of a bucket"),
        ({"names": {"bucket": "logs-s3alias"}}, "no name of a bucket"),
        ({"names": {"bucket": "under_score"}}, "no name of a bucket"),
        ({"names": {"queue": "logs.fifo"}}, "not a FIFO queue"),
        ({"names": {"topic": "logs.fifo"}}, "not a FIFO topic"),
        ({"names": {"trail": "a..b"}}, "no name of a trail"),
        ({"names": {"trail": "ab"}}, "no name of a trail"),
        ({"names": {"key": "alias/aws/s3"}}, "no name of a key"),
        ({"names": {"lambda": "x"}}, "no resource that has a name"),
        ({"notifier": "email"}, "not one of s3, cloudtrail, eventbridge"),
        ({"max_receive_count": 0}, "not a whole number from 1 to 1000"),
        ({"max_receive_count": True}, "not a whole number"),
        ({"max_receive_count": "5"}, "not a whole number"),
        ({"message_days": 14}, "from 1 to 13"),
        ({"raw_delivery": "yes"}, "not true or false"),
        ({"data_events": ["s3:delete"]}, "names no data events"),
        ({"data_events": ["s3=bucket"]}, "names no data events"),
        ({"data_events": ["EC2"]}, "names no data events"),
        ({"data_events": "s3"}, "not a list"),
        ({"exclude_event_sources": ["iam.amazonaws.com"]}, "not one of kms.amazonaws.com"),
        ({"source_trails": ["main"]}, "not the ARN of a trail"),
        ({"source_trails": [TRAIL.replace("aws", "aws-mars", 1)]}, "not the ARN of a trail"),
        ({"reader": "*", "external_id": "x1"}, "not the ARN of an IAM user or role"),
        ({"reader": READER["reader"]}, "needs an external ID"),
        ({"external_id": "x1"}, "say nothing without a reader"),
        ({**READER, "external_id": "a b"}, "not an external ID"),
        ({**READER, "reader_networks": ["198.51.100.7/24"]}, "has host bits set"),
        ({**READER, "reader_networks": ["0.0.0.0/0"]}, "no network that AWS would see"),
        ({**READER, "reader_networks": ["10.1.0.0/16"]}, "no network that AWS would see"),
        ({**READER, "reader_networks": ["office"]}, "does not appear to be"),
        ({"key_prefix": "a//b"}, "is no prefix"),
        ({"key_prefix": "{x}"}, "is no prefix"),
        ({"tags": {"aws:x": "y"}}, "not a tag"),
        ({"tags": {"cloudtrail-responder:record": "y"}}, "not a tag"),
        ({"retention_days": 90, "archive_days": 90}, "Make archive_days smaller"),
        ({"trail": False}, "nothing writes into the bucket"),
        ({"trail": False, "source_trails": [TRAIL], "organization": True}, "need a trail"),
        ({"speed": 9}, "There is no option 'speed'"),
    ],
)
def test_bad_input_is_refused_in_one_line(given: dict[str, Any], said: str) -> None:
    with pytest.raises(Rejected) as refused:
        Options.of(given)
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_options_are_recorded_as_they_can_be_read_again() -> None:
    events = ["s3:write", "AWS::SNS::Topic=arn:aws:sns:us-east-1:111122223333:x"]
    options = Options.of({**READER, "data_events": events, "tags": {"a": "b"}})
    assert Options.of(json.loads(json.dumps(options.to_json()))) == options
    assert Options().to_json() == {}


@pytest.mark.parametrize("partition", arn.PARTITIONS)
def test_every_arn_is_of_the_partition_the_account_and_the_region(partition: str) -> None:
    place = templates.example_place(partition)
    assert Options.of({"stem": "x" * LONGEST_STEM}).stem
    pipeline = describe(Options.of({"stem": "x" * LONGEST_STEM}), place)
    bucket = pipeline.get("bucket")
    assert bucket is not None and len(bucket.name) <= 63
    for given in templates.VARIANTS.values():
        reader = {"reader": f"arn:{partition}:iam::111122223333:role/splunk"} if "reader" in given else {}
        for text in templates.policies(Options.of({**given, **reader}), place).values():
            found = [piece for piece in json.dumps(json.loads(text)).split('"') if piece.startswith("arn:")]
            assert {named.partition for piece in found if (named := arn.parse(piece))} <= {partition}
            for piece in found:
                assert piece.split(":")[3] in ("", "*", place.region), piece
                assert piece.split(":")[4] in ("", place.account), piece


def test_a_trail_of_another_partition_cannot_write_here() -> None:
    with pytest.raises(Rejected, match="is in partition aws, and the pipeline in aws-us-gov"):
        describe(Options.of({"source_trails": [TRAIL]}), Place("aws-us-gov", "444455556666", "us-gov-west-1"))


def test_trails_of_other_accounts_may_write_into_their_own_folders_only() -> None:
    options = Options.of({"trail": False, "source_trails": [TRAIL], "key_prefix": "logs"})
    pipeline = describe(options, Place("aws", "444455556666", "us-east-1"))
    policy = pipeline.get("bucket_policy")
    assert policy is not None and pipeline.get("trail") is None
    (write,) = [one for one in policy.wanted["policy"]["Statement"] if one["Sid"] == "CloudTrailWrite"]
    assert [one.partition("/")[2] for one in write["Resource"]] == ["logs/AWSLogs/111122223333/*"]
    assert write["Condition"]["StringEquals"]["aws:SourceArn"] == [TRAIL]


def test_services_act_for_one_resource_only() -> None:
    for given in templates.VARIANTS.values():
        for name, text in templates.policies(Options.of(given), templates.example_place("aws")).items():
            for statement in json.loads(text)["Statement"]:
                sends = statement["Sid"].endswith("Sends") and name == "key-policy.json"
                if "Service" in statement.get("Principal", {}) and not sends:
                    assert "aws:SourceArn" in json.dumps(statement["Condition"]), (name, statement["Sid"])


def test_data_events_of_s3_leave_the_log_bucket_out() -> None:
    """Else each file of CloudTrail's would be an event of the next."""
    options = Options.of({"data_events": ["s3", "s3:write=arn:aws:s3:::payroll/"], "management_events": "write"})
    first, every, some = selectors("write", (), options.data_events, "arn:aws:s3:::logs")
    assert {"Field": "readOnly", "Equals": ["false"]} in first["FieldSelectors"]
    assert {"Field": "resources.ARN", "NotStartsWith": ["arn:aws:s3:::logs/"]} in every["FieldSelectors"]
    assert {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::payroll/"]} in some["FieldSelectors"]


def test_costs_follow_the_choices() -> None:
    plain, kept = Options.of({}), Options.of({"retention_days": 730, "archive_days": 30, "encryption": "s3"})
    assert {one.what for one in costs.monthly(plain)} - {one.what for one in costs.monthly(kept)} == {"KMS"}
    storage = {one.what: one.dollars for one in costs.monthly(kept)}["S3 storage"]
    months = 730 / 30
    whole = 10_000_000 * costs.EVENT_BYTES / costs.GIB
    assert storage == pytest.approx(whole * (1 * costs.S3_GIB + (months - 1) * costs.ARCHIVE_GIB))


@pytest.mark.parametrize(
    "document", [{}, {"version": 2}, {**Record("s", "1", "r").to_json(), "entries": {"queue": {"state": "x"}}}]
)
def test_a_record_that_is_none_of_ours_is_never_guessed_at(document: dict[str, Any]) -> None:
    with pytest.raises(DamagedDocument, match="cannot be read"):
        Record.of(document)


def test_every_resource_with_a_name_can_be_named() -> None:
    named = {key: f"alias/own-{key}" if key == "key" else f"own-{key.replace('_', '-')}" for key in NAMED}
    for notifier in ("s3", "eventbridge"):
        options = Options.of({**READER, "names": named, "notifier": notifier})
        for resource in describe(options, templates.example_place("aws")).resources:
            assert "own-" in resource.name
