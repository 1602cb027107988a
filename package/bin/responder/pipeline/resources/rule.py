"""The EventBridge rule that sends the bucket's events to the queue, in the place of SNS."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ...errors import Unavailable
from .. import documents, tagging
from ..calls import Calls
from ..resource import Found, Known, Resource, Template

TARGET = "queue"
_ABSENT = ("ResourceNotFoundException",)


@dataclass(frozen=True)
class Rule(Resource):
    """``wanted``: pattern, state, target (the queue's ARN)."""

    kind: ClassVar[str] = "EventBridge rule"

    def read(self, calls: Calls, known: Known) -> Found | None:
        rule = calls.read_if(_ABSENT, "events", "describe_rule", Name=self.name)
        if rule is None:
            return None
        listed = calls.read("events", "list_targets_by_rule", Rule=self.name)["Targets"]
        tags = calls.read("events", "list_tags_for_resource", ResourceARN=rule["Arn"])["Tags"]
        ours = (one["Arn"] for one in listed if one["Id"] == TARGET or one["Arn"] == self.wanted["target"])
        pattern = documents.read(rule.get("EventPattern"))
        state = {"pattern": pattern, "state": rule.get("State"), "target": next(ours, None)}
        return Found(str(rule["Arn"]), state, tagging.mapped(tags), whole={"targets": listed})

    def create(self, calls: Calls, tags: Mapping[str, str]) -> None:
        self._put(calls, self.wanted["pattern"], Tags=tagging.listed(tags))

    def _put(self, calls: Calls, pattern: Mapping[str, Any], **more: Any) -> None:
        pattern_text = json.dumps(pattern)
        calls.write("events", "put_rule", Name=self.name, EventPattern=pattern_text, State=self.wanted["state"], **more)

    def change(self, calls: Calls, found: Found, setting: str) -> None:
        if setting != "target":
            self._put(calls, self.wanted["pattern"] if setting == "pattern" else found.state["pattern"])
            return
        targets = [{"Id": TARGET, "Arn": self.wanted["target"]}]
        answer = calls.write("events", "put_targets", Rule=self.name, Targets=targets)
        failed = answer["FailedEntries"] if answer is not None and answer.get("FailedEntryCount") else ()
        if failed:
            raise Unavailable(f"EventBridge did not take the queue: {failed[0].get('ErrorCode')}.", "Apply again.")

    def withdraw(self, calls: Calls, found: Found, setting: str) -> None:
        if setting == "target":
            self._remove(calls, [TARGET])

    def delete(self, calls: Calls, found: Found) -> None:
        ids = [one["Id"] for one in found.whole["targets"]]
        if ids:
            self._remove(calls, ids)
        calls.write("events", "delete_rule", _ABSENT, Name=self.name)

    def _remove(self, calls: Calls, ids: list[str]) -> None:
        calls.write("events", "remove_targets", _ABSENT, Rule=self.name, Ids=ids)

    def cloudformation(self) -> Sequence[Template]:
        target = {"Id": TARGET, "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}
        body = {"Name": self.name, "EventPattern": self.wanted["pattern"], "State": self.wanted["state"]}
        return (Template("Rule", "AWS::Events::Rule", {**body, "Targets": [target]}, after=("QueuePolicy",)),)

    def terraform(self) -> Sequence[Template]:
        body = {
            "name": self.name,
            "event_pattern": {"jsonencode": self.wanted["pattern"]},
            "state": self.wanted["state"],
            "tags": "<tags>",
        }
        target = {
            "rule": {"ref": "aws_cloudwatch_event_rule.rule.name"},
            "target_id": TARGET,
            "arn": {"ref": "aws_sqs_queue.queue.arn"},
        }
        return (
            Template("rule", "aws_cloudwatch_event_rule", body),
            Template("queue", "aws_cloudwatch_event_target", target, after=("aws_sqs_queue_policy.queue",)),
        )
