"""An SQS queue: the one that is read, and the one for messages that could not be worked on (dead letters)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from .. import documents
from ..calls import Calls
from ..resource import Found, Known, Resource, Template

_ABSENT = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
#: Settings that are one attribute each, a number.
_NUMBERS = {
    "visibility_seconds": "VisibilityTimeout",
    "retention_seconds": "MessageRetentionPeriod",
    "wait_seconds": "ReceiveMessageWaitTimeSeconds",
}
_DOCUMENTS = {"redrive": "RedrivePolicy", "redrive_allow": "RedriveAllowPolicy", "policy": "Policy"}


@dataclass(frozen=True)
class Queue(Resource):
    """``wanted``: visibility_seconds, retention_seconds, wait_seconds, encryption (a key's ARN, or ``sqs``), and

    redrive, redrive_allow, policy where it has them.
    """

    kind: ClassVar[str] = "SQS queue"

    @property
    def arn(self) -> str:
        return self.place.arn("sqs", self.name)

    def read(self, calls: Calls, known: Known) -> Found | None:
        answer = calls.read_if(_ABSENT, "sqs", "get_queue_url", QueueName=self.name)
        if answer is None:
            return None
        url = str(answer["QueueUrl"])
        read = calls.read_if(_ABSENT, "sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])
        if read is None:
            return None
        attributes = read["Attributes"]
        state: dict[str, Any] = {name: _number(attributes.get(theirs)) for name, theirs in _NUMBERS.items()}
        for name, theirs in _DOCUMENTS.items():
            state[name] = documents.read(attributes.get(theirs)) or None
        if state["redrive"]:
            # SQS gives the number back as it was given, or as text.
            state["redrive"]["maxReceiveCount"] = int(state["redrive"].get("maxReceiveCount") or 0)
        managed = "sqs" if attributes.get("SqsManagedSseEnabled") == "true" else ""
        state["encryption"] = attributes.get("KmsMasterKeyId") or managed
        tags = calls.read("sqs", "list_queue_tags", QueueUrl=url).get("Tags") or {}
        return Found(str(attributes["QueueArn"]), state, tags, whole={"url": url, "attributes": attributes})

    def create(self, calls: Calls, tags: Mapping[str, str]) -> None:
        attributes: dict[str, str] = {}
        for setting in self.wanted:
            attributes.update(self._attributes(setting, None))
        calls.write("sqs", "create_queue", QueueName=self.name, Attributes=attributes, tags=dict(tags))

    def change(self, calls: Calls, found: Found, setting: str) -> None:
        attributes = self._attributes(setting, found.state.get(setting))
        calls.write("sqs", "set_queue_attributes", QueueUrl=found.whole["url"], Attributes=attributes)

    def _attributes(self, setting: str, now: Any) -> dict[str, str]:
        wanted = self.wanted[setting]
        if setting == "encryption":
            return {"SqsManagedSseEnabled": "true"} if wanted == "sqs" else {"KmsMasterKeyId": wanted}
        if setting == "policy":
            return {"Policy": json.dumps(documents.merged(now, wanted))}
        return {_DOCUMENTS[setting]: json.dumps(wanted)} if setting in _DOCUMENTS else {_NUMBERS[setting]: str(wanted)}

    def withdraw(self, calls: Calls, found: Found, setting: str) -> None:
        if setting == "policy":
            rest = documents.without(found.state["policy"], self.wanted["policy"])
            policy = {"Policy": json.dumps(rest) if rest else ""}
            calls.write("sqs", "set_queue_attributes", QueueUrl=found.whole["url"], Attributes=policy)

    def delete(self, calls: Calls, found: Found) -> None:
        calls.write("sqs", "delete_queue", _ABSENT, QueueUrl=found.whole["url"])

    def health(self, calls: Calls, found: Found) -> list[str]:
        waiting = _number(found.whole["attributes"].get("ApproximateNumberOfMessages")) or 0
        if self.key == "dead_letter_queue" and waiting:
            return [f"{waiting} messages could not be worked on. Look at them, then send them back to the queue."]
        return []

    def cloudformation(self) -> Sequence[Template]:
        label = "".join(word.title() for word in self.key.split("_"))
        body: dict[str, Any] = {"QueueName": self.name, "Tags": "<tags>"}
        for setting, theirs in (*_NUMBERS.items(), *_DOCUMENTS.items()):
            if setting in self.wanted and setting != "policy":
                body[theirs] = self.wanted[setting]
        body.update(self._attributes("encryption", None))
        if "SqsManagedSseEnabled" in body:
            body["SqsManagedSseEnabled"] = True
        after = ("DeadLetterQueue",) if "redrive" in self.wanted else ()
        made = [Template(label, "AWS::SQS::Queue", body, after)]
        if "policy" in self.wanted:
            policy = {"Queues": [{"Ref": label}], "PolicyDocument": self.wanted["policy"]}
            made.append(Template(f"{label}Policy", "AWS::SQS::QueuePolicy", policy))
        return made

    def terraform(self) -> Sequence[Template]:
        wanted, url = self.wanted, {"ref": f"aws_sqs_queue.{self.key}.url"}
        body: dict[str, Any] = {
            "name": self.name,
            "visibility_timeout_seconds": wanted["visibility_seconds"],
            "message_retention_seconds": wanted["retention_seconds"],
            "receive_wait_time_seconds": wanted["wait_seconds"],
            "tags": "<tags>",
        }
        is_managed = wanted["encryption"] == "sqs"
        body.update({"sqs_managed_sse_enabled": True} if is_managed else {"kms_master_key_id": wanted["encryption"]})
        made = [Template(self.key, "aws_sqs_queue", body)]
        kinds = {
            "redrive": ("aws_sqs_queue_redrive_policy", "redrive_policy", ("aws_sqs_queue.dead_letter_queue",)),
            "redrive_allow": ("aws_sqs_queue_redrive_allow_policy", "redrive_allow_policy", ("aws_sqs_queue.queue",)),
            "policy": ("aws_sqs_queue_policy", "policy", ()),
        }
        for setting, (kind, attribute, after) in kinds.items():
            if setting in wanted:
                body = {"queue_url": url, attribute: {"jsonencode": wanted[setting]}}
                made.append(Template(self.key, kind, body, after))
        return made


def _number(text: Any) -> int | None:
    return int(text) if text is not None else None
