"""Whatever a queue may hold is unfolded layer by layer, each with a name, and names the files it is about."""

from __future__ import annotations

import json
from typing import Any

import pytest
from responder.pipeline.layers import ObjectNamed, unfold

KEY = "AWSLogs/123456789012/CloudTrail/eu-west-1/2026/11/29/a+b c.json.gz"
ENCODED = "AWSLogs/123456789012/CloudTrail/eu-west-1/2026/11/29/a%2Bb+c.json.gz"
S3_EVENT = {
    "Records": [
        {
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "b1"}, "object": {"key": ENCODED, "size": 912, "versionId": "v1"}},
        },
        {
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "b1"}, "object": {"key": "two"}},
        },
    ]
}
FILES = [ObjectNamed("b1", KEY, 912, "v1"), ObjectNamed("b1", "two")]
CLOUDTRAIL = {"s3Bucket": "b1", "s3ObjectKey": [KEY, "a%20b"]}
EVENTBRIDGE = {
    "source": "aws.s3",
    "detail-type": "Object Created",
    "detail": {"bucket": {"name": "b1"}, "object": {"key": KEY, "size": 912, "version-id": "v1"}},
}
RECORD = {"eventName": "CreateUser", "eventSource": "iam.amazonaws.com"}


def sns(message: Any) -> dict[str, Any]:
    text = message if isinstance(message, str) else json.dumps(message)
    return {"Type": "Notification", "TopicArn": "arn:aws:sns:eu-west-1:123456789012:t", "Message": text}


@pytest.mark.parametrize(
    ("body", "labels", "files"),
    [
        (S3_EVENT, ["S3 event notification"], FILES),
        (sns(S3_EVENT), ["SNS message", "S3 event notification"], FILES),
        (
            sns(CLOUDTRAIL),
            ["SNS message", "CloudTrail notification"],
            [FILES[0].__class__("b1", KEY), ObjectNamed("b1", "a%20b")],
        ),
        (CLOUDTRAIL, ["CloudTrail notification"], [ObjectNamed("b1", KEY), ObjectNamed("b1", "a%20b")]),
        ({"s3Bucket": "b1", "s3ObjectKey": "k"}, ["CloudTrail notification"], [ObjectNamed("b1", "k")]),
        (sns("CloudTrail validation message."), ["SNS message", "CloudTrail validation message"], []),
        (EVENTBRIDGE, ["EventBridge event: Object Created"], FILES[:1]),
        (sns(EVENTBRIDGE), ["SNS message", "EventBridge event: Object Created"], FILES[:1]),
        ({"source": "aws.ec2", "detail-type": "EC2 Spot", "detail": {}}, ["EventBridge event: EC2 Spot"], []),
        ({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b1"}, ["S3 test event"], []),
        (json.dumps(S3_EVENT), ["JSON text", "S3 event notification"], FILES),
        ({"hello": 1}, ["Unknown JSON"], []),
        ([1], ["Unknown JSON"], []),
        (sns("plain text"), ["SNS message", "Text"], []),
    ],
    ids=lambda value: str(value[0])[:30] if isinstance(value, list) and value else None,
)
def test_every_form_has_a_name(body: Any, labels: list[str], files: list[ObjectNamed]) -> None:
    layers = unfold(json.dumps(body))
    assert [layer.label for layer in layers] == labels
    assert [one for layer in layers for one in layer.objects] == files
    assert all(layer.why for layer in layers)


def test_a_record_through_eventbridge_is_the_record() -> None:
    (layer,) = unfold(json.dumps({"source": "aws.iam", "detail-type": "AWS API Call via CloudTrail", "detail": RECORD}))
    assert layer.record == RECORD and layer.objects == ()


def test_the_layer_within_is_not_repeated_in_the_one_around_it() -> None:
    outer, inner = unfold(json.dumps(sns(S3_EVENT)))
    assert outer.content["Message"] == "(unfolded below)" and inner.content == S3_EVENT


def test_what_is_wrapped_again_and_again_ends() -> None:
    body = "x"
    for _ in range(10):
        body = json.dumps(sns(body))
    assert [layer.label for layer in unfold(body)] == ["SNS message"] * 4


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not JSON",
        "[" * 100_000,
        '{"Records": [{"s3": null}, 1, null, {"s3": {"bucket": [], "object": "k"}}]}',
        '{"Records": {"s3": 1}}',
        '{"s3Bucket": 1, "s3ObjectKey": {"a": 1}}',
        '{"s3Bucket": "b", "s3ObjectKey": [1, null, ""]}',
        '{"source": "aws.s3", "detail-type": "Object Created", "detail": {"bucket": null, "object": []}}',
        '{"Type": "Notification", "Message": 7}',
        '{"n": 1e999}',
        '"\\ud800"',
    ],
)
def test_foreign_and_broken_messages_are_shown_and_name_no_file(body: str) -> None:
    layers = unfold(body)
    assert layers and [one for layer in layers for one in layer.objects] == []
    assert all(layer.label and layer.why for layer in layers)
