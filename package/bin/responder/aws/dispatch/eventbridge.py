"""Amazon EventBridge: a custom event bus.

Source: EventBridge API Reference, ``PutEvents``: the call succeeds where an entry fails, and says so in its answer. A
bus cannot be asked for an event, so one without an answer is put again with the same id inside.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...errors import Curable, Unavailable
from ...settings.dispatch_target import DispatchTarget
from .base import Call, Dispatcher, Message, Sent, shown

if TYPE_CHECKING:
    from ..client import Aws

SOURCE, DETAIL_TYPE = "cloudtrail_responder", "CloudTrail Responder Finding"
#: Codes of entries that failed for now.
_PASSING = ("ThrottlingException", "InternalFailure", "InternalException", "LimitExceededException")


class Bus(Dispatcher):
    """An event bus of EventBridge."""

    type = "eventbridge"
    label = "EventBridge event bus"
    service = "events"
    arn_service = "events"
    resource = r"event-bus/[A-Za-z0-9._/-]{1,256}"
    example = "arn:aws:events:eu-central-1:123456789012:event-bus/security"
    grants = (("events:PutEvents", "{arn}"),)
    looks = (("events:DescribeEventBus", "{arn}"),)
    every = "arn:aws:events:*:*:event-bus/*"
    cures = {"ResourceNotFoundException": "Create the event bus, or correct 'ARN' on the Dispatch tab."}
    later = ("InternalException",)

    def call(self, aws: Aws, target: DispatchTarget, message: Message) -> Call:
        entry = {
            "Source": SOURCE,
            "DetailType": DETAIL_TYPE,
            "Detail": json.dumps(message.object, separators=(",", ":")),
            "EventBusName": target.arn,
        }
        return Call("put_events", {"Entries": [entry]})

    def answered(self, answer: Mapping[str, Any]) -> Sent:
        entry: Mapping[str, Any] = next(iter(answer["Entries"]), {})
        code = str(entry.get("ErrorCode") or "")
        if code:
            said = f"EventBridge did not take the event: {shown(code)}: {shown(str(entry.get('ErrorMessage') or ''))}"
            if code in _PASSING:
                raise Unavailable(said, "It is put again.")
            raise Curable(said, "Correct the bus, its policy or the entry on the Dispatch tab, then retry.")
        return Sent(str(entry.get("EventId") or ""))

    def reach(self, aws: Aws, target: DispatchTarget) -> str:
        aws.read("events", "describe_event_bus", target.region, Name=target.arn)
        return "The event bus is there."


DISPATCHER = Bus()
