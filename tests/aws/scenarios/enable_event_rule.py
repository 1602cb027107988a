"""A rule that was disabled: of the default bus, and of another."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields


def disabled(admin: Admin, name: str) -> dict[str, Any]:
    return _rule(admin, name, "default")


def on_another_bus(admin: Admin, name: str) -> dict[str, Any]:
    admin("events").create_event_bus(Name=f"bus-{name}")
    return _rule(admin, name, f"bus-{name}")


def fix(admin: Admin, fields: Fields) -> None:
    admin("events").enable_rule(Name=fields["object_id"], EventBusName=fields["detail"]["event_bus"])


def remove(admin: Admin, fields: Fields) -> None:
    named = {"EventBusName": fields["detail"]["event_bus"]}
    admin("events").remove_targets(Rule=fields["object_id"], Ids=["topic"], **named)
    admin("events").delete_rule(Name=fields["object_id"], **named)


def _rule(admin: Admin, name: str, bus: str) -> dict[str, Any]:
    pattern = '{"source": ["aws.guardduty"]}'
    admin("events").put_rule(Name=name, EventBusName=bus, EventPattern=pattern, State="DISABLED")
    target = {"Id": "topic", "Arn": "arn:aws:sns:us-east-1:123456789012:alerts"}
    admin("events").put_targets(Rule=name, EventBusName=bus, Targets=[target])
    return {"object_category": "AWS::Events::Rule", "object_id": name, "detail": {"event_bus": bus}}


drift = None
VARIANTS = {"disabled": disabled, "on_another_bus": on_another_bus}
