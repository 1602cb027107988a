"""Which events a trail logs: event selectors, basic or advanced, and insight selectors.

Facts: CloudTrail API Reference, PutEventSelectors (advanced selectors replace basic ones; one kind is sent),
EventSelector (defaults), GetInsightSelectors (``InsightNotEnabledException`` where there are none), PutInsightSelectors
(an empty list turns Insights off).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...last_known import newest, parameters, request_of
from ...model import Call, Observation, Resource
from ._trails import is_of

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding

BASIC, ADVANCED = "EventSelectors", "AdvancedEventSelectors"
INSIGHTS = "InsightSelectors"
_DEFAULTS: Mapping[str, Any] = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}
#: What a new trail has.
DEFAULT: Mapping[str, Any] = {BASIC: [dict(_DEFAULTS)]}
_PARTS = ("readOnly", "eventName", "userIdentity.arn", "sessionCredentialFromConsole", "eventSource", "eventType")


def selectors_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    """One kind, in one form: defaults written out, empty conditions left out, in an order of its own."""
    if answer.get(BASIC):
        return {BASIC: [_basic(one) for one in answer[BASIC]]}
    if answer.get(ADVANCED):
        return {ADVANCED: sorted((_advanced(one) for one in answer[ADVANCED]), key=json.dumps)}
    return {BASIC: [dict(_DEFAULTS)]}


def insights_of(answer: Mapping[str, Any] | None) -> list[str]:
    return sorted(str(one["InsightType"]) for one in (answer or {}).get(INSIGHTS) or ())


def read_selectors(resource: Resource, aws: Aws) -> dict[str, Any]:
    return selectors_of(aws.read("cloudtrail", "get_event_selectors", resource.region, TrailName=resource.id))


def read_insights(resource: Resource, aws: Aws) -> list[str]:
    absent = ("InsightNotEnabledException",)
    call = ("cloudtrail", "get_insight_selectors", resource.region)
    return insights_of(aws.read_if(absent, *call, TrailName=resource.id))


def put_selectors(resource: Resource, selectors: Mapping[str, Any]) -> Call:
    return Call("cloudtrail", "put_event_selectors", {"TrailName": resource.id, **selectors})


def put_insights(resource: Resource, types: Sequence[str]) -> Call:
    selectors = [{"InsightType": one} for one in types]
    return Call("cloudtrail", "put_insight_selectors", {"TrailName": resource.id, INSIGHTS: selectors})


def last_selectors(finding: Finding, seen: Observation, aws: Aws) -> dict[str, Any] | None:
    """What the newest record says; what a new trail has, where its creation is the newest."""

    def read(record: CloudTrailRecord) -> dict[str, Any] | None:
        if not is_of(record, seen.resource) or record.event_name not in ("CreateTrail", "PutEventSelectors"):
            return None
        if record.event_name == "CreateTrail":
            return selectors_of({})
        given = parameters(aws, "cloudtrail", "put_event_selectors", request_of(record), (BASIC, ADVANCED))
        if not given.get(BASIC) and not given.get(ADVANCED):
            raise ValueError("it has no selectors")
        return selectors_of(given)

    return newest(finding, seen.past, read)


def last_insights(finding: Finding, seen: Observation, aws: Aws) -> list[str] | None:
    def read(record: CloudTrailRecord) -> list[str] | None:
        if not is_of(record, seen.resource) or record.event_name not in ("CreateTrail", "PutInsightSelectors"):
            return None
        if record.event_name == "CreateTrail":
            return []
        return insights_of(parameters(aws, "cloudtrail", "put_insight_selectors", request_of(record), (INSIGHTS,)))

    return newest(finding, seen.past, read)


def logs_all_management_events(selectors: Mapping[str, Any]) -> bool:
    """Of every service, reads and writes."""
    found = {
        kind
        for one in selectors.get(BASIC, ())
        if one["IncludeManagementEvents"] and not one["ExcludeManagementEventSources"]
        for kind in ({"ReadOnly", "WriteOnly"} if one["ReadWriteType"] == "All" else {one["ReadWriteType"]})
    }
    return len(found) == 2 or any(_is_whole(one) for one in selectors.get(ADVANCED, ()))


def logs_management_events(selectors: Mapping[str, Any]) -> bool:
    """Of any service, reads or writes."""
    basic, advanced = selectors.get(BASIC, ()), selectors.get(ADVANCED, ())
    is_advanced = any("Management" in _equals(one, "eventCategory") for one in advanced)
    return is_advanced or any(one["IncludeManagementEvents"] for one in basic)


def in_words(selectors: Mapping[str, Any]) -> str:
    """As in ``some management events, data events of AWS::S3::Object``."""
    kinds = sorted({kind for one in selectors.get(BASIC, ()) for kind in _data(one)} | set(_advanced_data(selectors)))
    some = "some" if logs_management_events(selectors) else "no"
    management = "all" if logs_all_management_events(selectors) else some
    return f"{management} management events" + (f", data events of {', '.join(kinds)}" if kinds else "")


def _basic(one: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: one[name] if one.get(name) is not None else default for name, default in _DEFAULTS.items()}
    data = [{"Type": each["Type"], "Values": sorted(each.get("Values") or ())} for each in found["DataResources"]]
    excluded = sorted(found["ExcludeManagementEventSources"])
    return {**found, "DataResources": sorted(data, key=json.dumps), "ExcludeManagementEventSources": excluded}


def _advanced(one: Mapping[str, Any]) -> dict[str, Any]:
    fields = [{name: value for name, value in each.items() if value} for each in one.get("FieldSelectors") or ()]
    named = {"Name": one["Name"]} if one.get("Name") else {}
    return {**named, "FieldSelectors": sorted(fields, key=json.dumps)}


def _is_whole(one: Mapping[str, Any]) -> bool:
    narrowed = any(each.get("Field") in _PARTS for each in one["FieldSelectors"])
    return "Management" in _equals(one, "eventCategory") and not narrowed


def _equals(one: Mapping[str, Any], field: str) -> list[str]:
    return [value for each in one["FieldSelectors"] if each.get("Field") == field for value in each.get("Equals", ())]


def _data(one: Mapping[str, Any]) -> Iterator[str]:
    return (str(each["Type"]) for each in one["DataResources"])


def _advanced_data(selectors: Mapping[str, Any]) -> list[str]:
    return [kind for one in selectors.get(ADVANCED, ()) for kind in _equals(one, "resources.type")]
