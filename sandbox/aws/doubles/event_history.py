"""CloudTrail's event history, which moto lacks: what a recorder (``sandbox.aws.recorder``) has told it.

Facts: CloudTrail API Reference, LookupEvents (one attribute at most; newest first; management events of the region).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sandbox.aws.double import Answer, Refused, World

#: Where the records of a region are kept, oldest first.
KEPT = "event_history"


def tell(world: World, record: Mapping[str, Any]) -> None:
    """A call has been made; ``record`` is CloudTrail's of it."""
    world.keep(KEPT, list).append(record)


def lookup_events(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    attributes = given.get("LookupAttributes") or [{}]
    key = attributes[0].get("AttributeKey", "ResourceName")
    if len(attributes) > 1 or key not in ("ResourceName", "EventId"):
        raise Refused("InvalidLookupAttributesException", "Only ResourceName and EventId can be looked up here.")
    value, since = attributes[0].get("AttributeValue", ""), given.get("StartTime")

    def is_meant(record: Mapping[str, Any]) -> bool:
        return not value or value in ({record["eventID"]} if key == "EventId" else _names(record))

    found = [_event(record) for record in reversed(world.keep(KEPT, list)) if is_meant(record)]
    events = [one for one in found if since is None or one["EventTime"].timestamp() >= since.timestamp()]
    return {"Events": events[: given.get("MaxResults", 50)]}


def _names(record: Mapping[str, Any]) -> set[str]:
    return set(_leaves(record.get("requestParameters")))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, str):
        yield value


def _event(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "ReadOnly": str(record["readOnly"]).lower(),
        "EventTime": datetime.fromisoformat(record["eventTime"].replace("Z", "+00:00")),
        "EventSource": record["eventSource"],
        "Username": record["userIdentity"].get("userName", ""),
        "CloudTrailEvent": json.dumps(record),
    }


DOUBLES: Mapping[tuple[str, str], Answer] = {("cloudtrail", "LookupEvents"): lookup_events}
