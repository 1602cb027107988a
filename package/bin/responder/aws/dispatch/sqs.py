"""Amazon SQS: a queue, plain or FIFO.

Source: SQS API Reference, ``SendMessage`` (a queue is called by its URL); Developer Guide, "Exactly-once processing in
Amazon SQS" (five minutes). A queue cannot be searched, so a message without an answer is sent again with the same id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...remembered import Remembered
from ...settings.dispatch_target import DispatchTarget
from .base import Call, Dispatcher, Message, Sent
from .sns import FIFO

if TYPE_CHECKING:
    from ..client import Aws

#: Seconds for which a queue's URL is not asked for again.
URL_KEPT = 600.0
_GONE = "Create the queue, or correct 'ARN' on the Dispatch tab."


class Queue(Dispatcher):
    """A queue of SQS."""

    type = "sqs"
    label = "SQS queue"
    service = "sqs"
    arn_service = "sqs"
    resource = r"[A-Za-z0-9_-]{1,80}(\.fifo)?"
    example = "arn:aws:sqs:eu-central-1:123456789012:findings.fifo"
    grants = (("sqs:SendMessage", "{arn}"), ("sqs:GetQueueUrl", "{arn}"))
    looks = (("sqs:GetQueueAttributes", "{arn}"),)
    every = "arn:aws:sqs:*:*:*"
    cures = {
        "AWS.SimpleQueueService.NonExistentQueue": _GONE,
        "QueueDoesNotExist": _GONE,
        "InvalidParameterValue": "Look at the queue's settings, such as its largest message size.",
        "KMS.AccessDeniedException": "Let the account's role use the queue's key: kms:GenerateDataKey and kms:Decrypt.",
        "KmsAccessDenied": "Let the account's role use the queue's KMS key: kms:GenerateDataKey and kms:Decrypt.",
        "KmsDisabled": "Enable the queue's KMS key.",
        "KmsNotFound": "Give the queue a KMS key that exists.",
        "KmsInvalidState": "Look at the state of the queue's KMS key.",
    }
    later = ("KmsThrottled",)

    def call(self, aws: Aws, target: DispatchTarget, message: Message) -> Call:
        attributes = {n: {"DataType": "String", "StringValue": v} for n, v in message.attributes.items() if v}
        fifo = {"MessageDeduplicationId": message.id, "MessageGroupId": message.case}
        return Call(
            "send_message",
            {
                "QueueUrl": self._url(aws, target),
                "MessageBody": message.text,
                "MessageAttributes": attributes,
                **(fifo if target.arn.endswith(FIFO) else {}),
            },
        )

    def answered(self, answer: Mapping[str, Any]) -> Sent:
        return Sent(str(answer["MessageId"]))

    def reach(self, aws: Aws, target: DispatchTarget) -> str:
        # Asked for by name, an attribute of plain queues would be refused by none.
        url = self._url(aws, target)
        found = aws.read("sqs", "get_queue_attributes", target.region, QueueUrl=url, AttributeNames=["All"])
        waiting = found.get("Attributes", {}).get("ApproximateNumberOfMessages", "0")
        return f"The queue is there, with about {waiting} messages."

    def __init__(self) -> None:
        self._urls: Remembered[str] = Remembered(URL_KEPT, most=256)

    def _url(self, aws: Aws, target: DispatchTarget) -> str:
        """Where the queue is called; it stays the same for as long as there is a queue of the name."""
        parsed, key = target.parsed, (aws.account.name, aws.account.endpoint_url, target.arn)
        known = self._urls.get(key)
        if known is None:
            asked = {"QueueName": parsed.resource, "QueueOwnerAWSAccountId": parsed.account}
            known = str(aws.read("sqs", "get_queue_url", target.region, **asked)["QueueUrl"])
            self._urls.put(key, known)
        return known


DISPATCHER = Queue()
