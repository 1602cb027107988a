"""A finding survives what does not matter: every sample that fires, written in the other ways CloudTrail has for it.

Facts: CloudTrail user guide, "CloudTrail record contents"; the ways of writing are those seen in recorded events.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from detection_samples import DETECTIONS, NOW, as_records, event_of, searches

from spl import Event, MemoryEvents, execute
from workbench.detections import needed
from workbench.detections.model import Detection
from workbench.detections.shared_macros import expanded
from workbench.replay import ShippedSearches

#: Members that came with later versions of the record (1.05 to 1.08).
LATER_MEMBERS = {"recipientAccountId", "eventCategory", "managementEvent", "readOnly", "requestID", "apiVersion",
                 "tlsDetails", "sharedEventID"}  # fmt: skip
#: What nearly every record lacks some of.
ABSENT = (
    "errorCode", "errorMessage", "additionalEventData", "resources", "vpcEndpointId", "eventType", "readOnly",
    "sharedEventID", "serviceEventDetails", "sessionCredentialFromConsole", "recipientAccountId", "userAgent",
    "userIdentity.type", "userIdentity.arn", "userIdentity.userName", "userIdentity.principalId",
    "userIdentity.accessKeyId", "userIdentity.invokedBy", "userIdentity.onBehalfOf", "userIdentity.sessionContext",
    "userIdentity.sessionContext.sessionIssuer.userName", "userIdentity.sessionContext.sessionIssuer.arn",
)  # fmt: skip
#: What a pipeline that writes every field, or a table, has as an empty text.
BLANK = ("errorCode", "errorMessage", "vpcEndpointId", "sharedEventID", "eventType", "userAgent", "recipientAccountId")
BLANK_IDENTITY = ("type", "arn", "userName", "principalId", "accessKeyId", "invokedBy", "accountId")
#: Longer than what Splunk extracts fields from by itself (limits.conf, [spath] extraction_cutoff).
LONG = "x" * 6000


def _everywhere(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {key: _everywhere(member, change) for key, member in value.items()}
    if isinstance(value, list):
        return change([_everywhere(member, change) for member in value])
    return change(value)


def _in_parameters(change: Callable[[Any], Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda record: {**record, "requestParameters": _everywhere(record.get("requestParameters"), change)}


def _old(record: dict[str, Any]) -> dict[str, Any]:
    return {**{key: value for key, value in record.items() if key not in LATER_MEMBERS}, "eventVersion": "1.02"}


def _in_another_partition(record: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(json.dumps(record).replace("arn:aws:", "arn:aws-us-gov:")))


def _with_long_parameters(record: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(record.get("requestParameters"), dict):
        return record
    return {**record, "requestParameters": {"aFirst": LONG, **record["requestParameters"]}}


def _with_nulls(record: dict[str, Any]) -> dict[str, Any]:
    """As a pipeline may write it, where CloudTrail leaves out what is not there."""
    made: dict[str, Any] = json.loads(json.dumps(record))
    for path in ABSENT:
        *above, name = path.split(".")
        holder: Any = made
        for part in above:
            holder = holder.get(part) if isinstance(holder, dict) else None
        if isinstance(holder, dict):
            holder.setdefault(name, None)
    return made


def _with_null_members(record: dict[str, Any], detection: Detection) -> dict[str, Any]:
    """The same in parameters, answer and identity, for each member that the search asks for."""
    paths = re.findall(r" path=(?:requestParameters\.|responseElements\.)?(\w+)", expanded(detection.search))
    absent = dict.fromkeys(paths)
    made = dict(record)
    for part in ("requestParameters", "responseElements", "userIdentity"):
        if isinstance(record.get(part), dict):
            # Before what is there, behind it, and around what is deeper.
            held = record[part].items()
            members = {name: {"none": None, **value} if isinstance(value, dict) else value for name, value in held}
            others = [(name, None) for name in absent if name not in members]
            made[part] = {**dict(others[::2]), **members, **dict(others[1::2])}
    return made


def _with_blanks(record: dict[str, Any]) -> dict[str, Any]:
    made = {**dict.fromkeys(BLANK, ""), **record}
    if isinstance(record.get("userIdentity"), dict):
        made["userIdentity"] = {**dict.fromkeys(BLANK_IDENTITY, ""), **record["userIdentity"]}
    return made


def _answered(record: dict[str, Any]) -> dict[str, Any]:
    unanswered = record.get("responseElements") is None and "errorCode" not in record
    return {**record, "responseElements": {"_return": True}} if unanswered else record


def _without_type(record: dict[str, Any]) -> dict[str, Any]:
    """As a pipeline may leave it: the ARN says what the type would."""
    identity = record.get("userIdentity", {})
    if "arn" not in identity:
        return record
    return {**record, "userIdentity": {key: value for key, value in identity.items() if key != "type"}}


NULLS = "a long parameter before the others, and null for what is not there"
WAYS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "an old version": _old,
    "the only member in place of a list": _in_parameters(
        lambda value: value[0] if isinstance(value, list) and len(value) == 1 else value
    ),
    # As Python writes them: True.
    "numbers and booleans as text": _in_parameters(
        lambda value: str(value) if type(value) in (int, float, bool) else value
    ),
    "text as numbers": _in_parameters(
        lambda value: int(value) if isinstance(value, str) and re.fullmatch(r"\d{1,5}", value) else value
    ),
    "another partition": _in_another_partition,
    NULLS: (
        lambda record: _with_nulls(_with_long_parameters(record))
    ),
    "an answer that says nothing, and empty texts for what is not there": (
        lambda record: _with_blanks(_answered(record))
    ),
    "no type of the caller": _without_type,
}
#: The app acts today, and today every record says whether the call reads.
NEVER_OLD = "responder_role_used_outside_the_app"
CLOUDTRAIL = [detection for detection in DETECTIONS if detection.source == "cloudtrail"]


@pytest.mark.parametrize("detection", CLOUDTRAIL, ids=lambda detection: detection.id)
def test_it_fires_however_the_record_is_written(detection: Detection):
    wanted = {name for name in needed.needs(detection).searched if f"NOT {name}" not in detection.search}
    for sample in detection.samples():
        if sample["case"] != "fires":
            continue
        for name, way in WAYS.items():
            if way is _old and detection.id == NEVER_OLD:
                continue
            if way is _without_type and "userIdentity.type" in wanted:
                continue
            plain = as_records(sample)
            records = [way(record) if "eventName" in record else record for record in plain]
            if name == NULLS:
                records = [_with_null_members(one, detection) if "eventName" in one else one for one in records]
            if records == plain:
                continue  # as test_samples.py has run it
            lookups = _in_another_partition(sample.get("lookups", {})) if way is _in_another_partition else None
            shipped = searches({**sample, "lookups": lookups} if lookups else sample)
            rows = shipped.rows(detection.id, MemoryEvents([event_of(record) for record in records]), NOW)[1]
            assert rows, f"{sample['why']} With {name}."


#: Services whose API begins the names of members with a capital. CloudTrail keeps it for some (Security Hub, Detective,
#: Synthetics), and for others, as IAM, RDS and Lambda, it does not, which thousands of recorded events show. Of most of
#: these there is an example in AWS's documentation at best.
WITH_CAPITALS = {
    f"{name}.amazonaws.com"
    for name in (
        *("account", "chatbot", "scheduler", "pipes", "oam", "quicksight", "connect", "securityhub", "detective"),
        *("osis", "networkmanager", "rbin", "resource-explorer-2", "dataexchange", "synthetics"),
        *("route53profiles", "chime", "redshift", "memorydb", "workspaces", "appstream", "events", "cognito-idp"),
        *("dms", "ds", "elasticmapreduce"),
    )
}


def _with_capitals(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: _with_capitals(member) for key, member in value.items()}
    return [_with_capitals(member) for member in value] if isinstance(value, list) else value


def test_parameters_may_be_named_as_in_the_api():
    asked = 0
    for detection in CLOUDTRAIL:
        for sample in detection.samples():
            plain = as_records(sample)
            if sample["case"] != "fires" or not WITH_CAPITALS.issuperset(one.get("eventSource", "") for one in plain):
                continue
            written = [{**one, "requestParameters": _with_capitals(one.get("requestParameters"))} for one in plain]
            rows = searches(sample).rows(detection.id, MemoryEvents(map(event_of, written)), NOW)[1]
            expected = sample.get("expect", {})
            found = [{name: row.get(name) for name in expected} for row in rows]
            assert found == [expected], f"{detection.id}: {sample['why']}"
            asked += 1
    assert asked > 10


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ('{"a":null,"b":null,"c":{"d":1,"e":null},"f":{"g":null}}', '{"c":{"d":1},"f":{}}'),
        ('{ "a" : 1,\n "b" : null ,\n "c" : [ null, 2 ], "d" : null }', '{ "a" : 1 ,\n "c" : [ null, 2 ] }'),
        # What stands in a text is the caller's, and no member.
        (r'{"x,":":null,y","p":"{\"a\":null,\"b\":1}","q\\":"\",\"z\":null,","n":null}',
         r'{"x,":":null,y","p":"{\"a\":null,\"b\":1}","q\\":"\",\"z\":null,"}'),
        ('{"list":["x,",":null,y"],"n":null}', '{"list":["x,",":null,y"]}'),
        ('{"n":null,"name":"null"}', '{"name":"null"}'),
        # As CloudTrail has it, and what is no JSON: nothing is touched.
        ('{"requestParameters":null,"responseElements": null}', '{"requestParameters":null,"responseElements": null}'),
        ('{"a":null,"b":', '{"a":null,"b":'),
    ],
)  # fmt: skip
def test_members_that_are_null_are_not_there_and_nothing_else_is_changed(written: str, left: str):
    knowledge = ShippedSearches([]).knowledge
    parsed = knowledge.parse("search index=main | `cloudtrail_drop_nulls` | eval text=_raw")
    events = MemoryEvents([Event(written, 1.0, "main", "aws:cloudtrail")])
    (row,) = execute(parsed, events=events, knowledge=knowledge, latest=NOW).rows
    assert row["text"] == left
