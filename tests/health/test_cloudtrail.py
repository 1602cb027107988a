"""Data: is CloudTrail found, in which shapes, how late, with which fields?"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from health_place import Place, levels, record, text
from responder.health.checks.cloudtrail_left_out import DETECTION
from responder.health.needed import needed
from responder.health.saved import saved_searches

#: Events in other shapes than plain records, by the id of the shape. Facts: docs/shapes.md.
READ: dict[str, Any] = {
    "eventbridge": {
        "version": "0",
        "source": "aws.cloudtrail",
        "detail-type": "AWS API Call via CloudTrail",
        "region": "eu-west-1",
        "detail": record(),
    },
    "subscription": {
        "messageType": "DATA_MESSAGE",
        "logGroup": "trail",
        "logEvents": [{"id": "1", "timestamp": 1772600767000, "message": json.dumps(record())}],
    },
    "file": {"Records": [record(), record()]},
}
UNREAD: dict[str, Any] = {
    "ocsf": {
        "metadata": {"product": {"name": "CloudTrail"}, "uid": record()["eventID"], "version": "1.1.0"},
        "time": 1772600767000,
        "api": {"operation": "StopLogging", "service": {"name": "cloudtrail.amazonaws.com"}},
        "class_uid": 6003,
    },
    "cut": json.dumps(record())[:300],
    "other": '{"hello": "world"}',
}


def test_where_cloudtrail_is_found_is_said(place: Place) -> None:
    place.index(record())
    (line,) = place.ask("CloudTrail found")
    assert line.level == "green" and "index=main sourcetype=aws:cloudtrail" in line.what


def test_a_macro_that_finds_nothing_is_told_where_such_events_are(place: Place) -> None:
    place.index(record(), sourcetype="aws:firehose:json")
    (line,) = place.ask("CloudTrail found")
    assert line.level == "red" and "index=main sourcetype=aws:firehose:json" in line.to_do


def test_no_cloudtrail_at_all_is_red(place: Place) -> None:
    (line,) = place.ask("CloudTrail found")
    assert line.level == "red" and "30 days" in line.what


def test_an_input_that_has_stopped_is_told_from_one_that_never_was(place: Place) -> None:
    then = time.time() - 3 * 86_400
    place.index(record(), time=then, indextime=then)
    (line,) = place.ask("CloudTrail found")
    assert line.level == "red" and "3 days old" in line.what


def test_plain_records_are_read_however_they_are_written(place: Place) -> None:
    place.index(json.dumps(record(), separators=(",", ":")))
    place.index(json.dumps(record(), indent=1))
    (line,) = place.ask("CloudTrail shapes")
    assert line.level == "green" and "2 in index=main" in line.what


@pytest.mark.parametrize("shape", READ)
def test_other_shapes_that_the_searches_read_are_green(place: Place, shape: str) -> None:
    place.index(READ[shape], time=time.time())
    (line,) = place.ask("CloudTrail shapes")
    assert line.level == "green" and [seen.shape.id for seen in _sample(place)] == [shape]


def test_a_shape_is_read_once_the_macro_says_so(place: Place) -> None:
    place.index(UNREAD["ocsf"], time=time.time())
    (line,) = place.ask("CloudTrail shapes")
    assert line.level == "red" and "cloudtrail_read_ocsf" in line.to_do
    place.macro("cloudtrail_shapes", "`cloudtrail_read_wrapped` | `cloudtrail_read_ocsf`")
    (line,) = place.ask("CloudTrail shapes")
    assert line.level == "green"


@pytest.mark.parametrize("shape", UNREAD)
def test_a_shape_that_is_not_read_is_red_beside_those_that_are(place: Place, shape: str) -> None:
    place.index(record())
    event = UNREAD[shape]
    place.index(event, time=time.time())
    said = place.ask("CloudTrail shapes")
    (bad,) = [line for line in said if line.level == "red"]
    assert levels(said).count("green") == 1 and "1 in index=main" in bad.what and bad.to_do
    assert shape in {seen.shape.id for seen in _sample(place)}


def _batch(*messages: Any, kind: str = "DATA_MESSAGE") -> dict[str, Any]:
    told = [message if isinstance(message, str) else json.dumps(message) for message in messages]
    return {"messageType": kind, "logEvents": [{"id": "1", "timestamp": 1, "message": message} for message in told]}


def test_a_batch_of_what_is_no_record_does_not_pass_for_one_that_is_read(place: Place) -> None:
    """A log group that EventBridge writes to: its events have the record one layer deeper, and no search reads them."""
    place.index(_batch("CWL CONTROL MESSAGE", kind="CONTROL_MESSAGE"), time=time.time())
    place.index(_batch("no record", record()), time=time.time())
    place.index(_batch(INSIGHT), time=time.time())
    assert set(levels(place.ask("CloudTrail shapes"))) == {"green"}
    place.index(_batch(READ["eventbridge"], "no record"), time=time.time())
    (bad,) = [line for line in place.ask("CloudTrail shapes") if line.level == "red"]
    assert "1 in index=main" in bad.what


#: CloudTrail User Guide, "CloudTrail record contents for Insights events".
INSIGHT: dict[str, Any] = {
    "eventVersion": "1.09", "eventTime": "2026-03-04T05:06:00Z", "awsRegion": "eu-west-1",
    "eventID": "11111111-2222-4333-8444-000000000001", "eventType": "AwsCloudTrailInsight",
    "recipientAccountId": "111122223333", "sharedEventID": "11111111-2222-4333-8444-000000000002",
    "insightDetails": {
        "state": "Start", "insightType": "ApiCallRateInsight",
        "eventSource": "iam.amazonaws.com", "eventName": "CreateUser",
        "insightContext": {"statistics": {"baseline": {"average": 0.1}, "insight": {"average": 9.0}}},
    },
    "eventCategory": "Insight",
}  # fmt: skip
NO_CALLS: dict[str, Any] = {
    "plain": INSIGHT,
    "EventBridge": {**READ["eventbridge"], "detail-type": "AWS Insight via CloudTrail", "detail": INSIGHT},
    "file": {"Records": [INSIGHT, INSIGHT]},
    # CloudTrail Lake, "Understanding the CloudTrail Lake event schema".
    "of a partner in Lake": {
        "eventVersion": "1.09", "eventCategory": "ActivityAuditLog", "eventType": "ActivityLog", "eventID": "e-1",
        "recipientAccountId": "111122223333", "eventData": {"eventName": "Login", "userIdentity": {"type": "x"}},
    },
}  # fmt: skip


@pytest.mark.parametrize("shape", NO_CALLS)
def test_insights_in_the_index_are_nothing_to_repair(place: Place, shape: str) -> None:
    place.index(record())
    place.index(NO_CALLS[shape], time=time.time())
    said = place.ask("CloudTrail shapes", "CloudTrail fields")
    assert set(levels(said)) == {"green"} and "No detection needs them" in text(said)


@pytest.mark.parametrize(
    "event",
    [
        {**record(eventName=...)},
        {"Records": [INSIGHT, {**record(eventName=...)}]},
        {"Records": []},
        {"detail": "x", "eventID": "e", "eventType": "t"},
    ],
)
def test_calls_that_have_lost_their_name_are_not_taken_for_insights(place: Place, event: dict[str, Any]) -> None:
    place.index(event, time=time.time())
    assert levels(place.ask("CloudTrail shapes")) == ["red"]


def _sample(place: Place) -> Any:
    from responder.health import sample

    return sample.take(place.client()).events


def test_no_part_of_an_event_stands_in_a_line(place: Place) -> None:
    """Whoever may send events may write what they like into them, and into the names of their source types."""
    marks = {"eventName": "<img src=x>", "userAgent": "EVIL", "errorMessage": "EVIL"}
    place.index(record(**marks, requestParameters=...), sourcetype="aws:cloudtrail")
    place.index({**READ["eventbridge"], "detail": {**record(), **marks}}, sourcetype="<b>aws:cloudtrail</b>\nEVIL2")
    place.macro("cloudtrail_index", "index=main")
    shown = text(place.run())
    assert "EVIL" not in shown.replace("?EVIL2", "").replace("EVIL2", "") and "<" not in shown


def test_delay_is_measured_by_what_came_lately(place: Place) -> None:
    place.index(record())
    assert levels(place.ask("CloudTrail delay")) == ["green"]
    place.index(record(), time=time.time() - 7200)
    (line,) = place.ask("CloudTrail delay")
    assert line.level == "amber" and "114 minutes" in line.what


def test_what_comes_later_than_detections_look_is_red(place: Place) -> None:
    place.index(record(), time=time.time() - 30 * 3600)
    said = place.ask("CloudTrail delay")
    assert "red" in levels(said) and "24 hours back" in text(said)


def test_events_of_the_future_are_red(place: Place) -> None:
    place.index(record(), time=time.time() + 3 * 3600)
    said = place.ask("CloudTrail delay")
    assert "red" in levels(said) and "future" in text(said)


def test_a_time_that_is_not_the_event_time_is_amber(place: Place) -> None:
    place.index(record())
    assert levels(place.ask("CloudTrail times")) == ["green"]
    place.index(record(), time=time.time() - 1200)
    (line,) = place.ask("CloudTrail times")
    assert line.level == "amber" and "20 minutes" in line.what


def test_a_complete_record_lacks_nothing(place: Place) -> None:
    place.index(record())
    assert levels(place.ask("CloudTrail fields")) == ["green"]


@pytest.mark.parametrize(
    ("field", "level"),
    [("requestParameters", "red"), ("userIdentity", "red"), ("userAgent", "amber"), ("eventID", "amber")],
)
def test_a_field_that_was_trimmed_on_the_way_is_named_with_who_needs_it(place: Place, field: str, level: str) -> None:
    place.index(record(**{field: ...}))
    (line,) = place.ask("CloudTrail fields")
    assert (
        line.level == level and line.what.startswith(f"{field} is missing in 1 of 1") and "detections need" in line.what
    )


def test_a_masked_access_key_is_amber(place: Place) -> None:
    place.index(record(userIdentity={**record()["userIdentity"], "accessKeyId": "AKIA****"}))
    (line,) = place.ask("CloudTrail fields")
    assert line.level == "amber" and "masked" in line.what and "AKIA*" not in line.what


def test_an_identity_without_type_or_arn_is_amber(place: Place) -> None:
    place.index(record(userIdentity={"principalId": "x"}))
    place.index(record(userIdentity={"type": "AssumedRole", "accessKeyId": "ASIAIOSFODNN7EXAMPLE"}))
    shown = text(place.ask("CloudTrail fields"))
    assert "userIdentity.type is missing in 1 of 2" in shown and "userIdentity.arn is missing in 1 of 1" in shown


def test_a_failed_call_without_its_error_code_is_red(place: Place) -> None:
    place.index(record(errorMessage="You are not authorized"))
    place.index(record(errorMessage="You are not authorized", errorCode="AccessDenied"))
    (line,) = place.ask("CloudTrail fields")
    assert line.level == "red" and "errorCode is missing in 1 of 2" in line.what


def test_a_call_by_an_aws_service_lacks_nothing(place: Place) -> None:
    place.index(record(userIdentity={"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}))
    assert levels(place.ask("CloudTrail fields")) == ["green"]


@pytest.mark.parametrize(
    "event",
    [
        # A failed sign-in of somebody unknown. CloudTrail User Guide, "AWS Management Console sign-in events".
        record(
            eventType="AwsConsoleSignIn", eventSource="signin.amazonaws.com", eventName="ConsoleLogin",
            errorMessage="No username found in supplied account", responseElements={"ConsoleLogin": "Failure"},
            userIdentity={"type": "IAMUser", "accountId": "111122223333", "accessKeyId": "",
                          "userName": "HIDDEN_DUE_TO_SECURITY_REASONS"},
        ),
        # What a VPC endpoint has seen. CloudTrail User Guide, "Network activity events".
        record(eventType="AwsVpceEvent", eventCategory="NetworkActivity", errorMessage="The request was denied",
               requestParameters=..., responseElements=..., userAgent=...),
        # What a service says of its own doing.
        record(eventType="AwsServiceEvent", errorMessage="Renewal failed", requestParameters=..., userAgent=...,
               userIdentity={"accountId": "111122223333", "invokedBy": "acm.amazonaws.com"}),
    ],
    ids=["failed sign-in", "network activity", "service event"],
)  # fmt: skip
def test_what_records_of_other_types_lack_by_nature_is_not_missed(place: Place, event: dict[str, Any]) -> None:
    place.index(record())
    place.index(event, time=time.time())
    (line,) = place.ask("CloudTrail fields")
    assert line.level == "green" and "looked at: 1" in line.what


#: CloudTrail User Guide, "CloudTrail record contents": what stands there where an object is larger than 100 KB.
LEFT_OUT = {"omitted": True, "originalSize": 133204, "reason": "requestParameters too large"}


def test_parameters_that_cloudtrail_left_out_are_counted_by_call(place: Place) -> None:
    place.index(record(requestParameters=LEFT_OUT))
    place.index({**READ["eventbridge"], "detail": record(requestParameters=LEFT_OUT)}, time=time.time())
    place.index(record(requestParameters={**LEFT_OUT, "omitted": "true"}, eventName="<b>Put</b>"))
    place.index(record(responseElements={**LEFT_OUT, "reason": "responseElements too large"}))
    asked, answered = place.ask("CloudTrail left out")
    assert asked.level == answered.level == "amber"
    assert "whose requestParameters CloudTrail left out because of its size: 3" in asked.what
    assert "cloudtrail:StopLogging (2)" in asked.what
    assert "Switch on the detection" in asked.to_do and "<" not in asked.what
    assert "whose responseElements CloudTrail left out because of its size: 1" in answered.what
    place.edit(DETECTION, is_scheduled="1", disabled="0")
    asked, _ = place.ask("CloudTrail left out")
    place.edit(DETECTION, disabled="1")
    assert "Switch on" not in asked.to_do


def test_what_only_looks_left_out_or_reads_is_not_counted(place: Place) -> None:
    place.index(record(requestParameters={"tags": LEFT_OUT}))
    place.index(record(requestParameters=LEFT_OUT, readOnly=True))
    assert levels(place.ask("CloudTrail left out")) == ["green"]


def test_every_detection_of_cloudtrail_needs_fields(place: Place) -> None:
    """Read off the compiled searches, so a new detection is in it without anybody's doing."""
    detections = [one for one in saved_searches(place.client()) if one.is_detection]
    of_cloudtrail = {one.title for one in detections if "`cloudtrail_index`" in one.search}
    macros = {name: stanza.get("definition", "") for name, stanza in place.client().conf("macros").items()}
    found = needed(detections, macros)
    assert set(found["eventName"]) == of_cloudtrail and len(of_cloudtrail) > 100
    assert "IAM access key created" in found["responseElements"]
    # By a macro that it uses.
    assert "Root user signed in" in found["responseElements"]
    assert "CloudTrail trail stopped logging" not in found.get("responseElements", ())


def test_the_add_on_is_seen(place: Place, tmp_path: Any) -> None:
    assert "No add-on" in text(place.ask("AWS add-on"))
    app = tmp_path / "Splunk_TA_aws" / "default"
    app.mkdir(parents=True)
    (app / "app.conf").write_text("[launcher]\nversion = 7.10.0\nauthor = x\n[ui]\nlabel = AWS\n")
    place.splunkd.install_app(app.parent)
    try:
        assert "Splunk Add-on for AWS 7.10.0" in text(place.ask("AWS add-on"))
    finally:
        place.rest("DELETE", "/services/apps/local/Splunk_TA_aws")


def test_an_input_that_any_message_can_have_read_any_bucket_is_told(place: Place) -> None:
    assert levels(place.ask("CloudTrail inputs")) == ["green"]
    queue = "https://sqs.eu-west-1.amazonaws.com/111122223333/logs"
    for name, buckets in (("open", ""), ("narrow", "org-logs, org-logs-old")):
        form = {"name": f"responder_cloudtrail://{name}", "aws_account": "logs", "queue_url": queue}
        place.rest("POST", "configs/conf-inputs", data={**form, "allowed_buckets": buckets, "disabled": "0"})
    said = place.ask("CloudTrail inputs")
    assert levels(said) == ["green", "amber"] and "'open' reads any bucket" in text(said)
    place.rest("POST", "configs/conf-inputs/responder_cloudtrail%3A%2F%2Fopen", data={"disabled": "1"})
    assert levels(place.ask("CloudTrail inputs")) == ["green"]
