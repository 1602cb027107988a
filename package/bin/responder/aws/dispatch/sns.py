"""Amazon SNS: a topic, plain or FIFO.

Source: SNS API Reference, ``Publish``; Developer Guide, "Message deduplication for FIFO topics" (five minutes). SNS
cannot be asked for a message, so one without an answer is published again with the same id in its attributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...settings.dispatch_target import DispatchTarget
from .base import Call, Dispatcher, Message, Sent

if TYPE_CHECKING:
    from ..client import Aws

FIFO = ".fifo"


class Topic(Dispatcher):
    """A topic of SNS."""

    type = "sns"
    label = "SNS topic"
    service = "sns"
    arn_service = "sns"
    resource = r"[A-Za-z0-9_-]{1,256}(\.fifo)?"
    example = "arn:aws:sns:eu-central-1:123456789012:findings"
    grants = (("sns:Publish", "{arn}"),)
    looks = (("sns:GetTopicAttributes", "{arn}"),)
    every = "arn:aws:sns:*:*:*"
    cures = {
        "NotFound": "Create the topic, or correct 'ARN' on the Dispatch tab.",
        "InvalidParameter": "Look at the topic's settings; a FIFO topic's name ends in .fifo.",
        "KMSAccessDenied": "Let the account's role use the topic's KMS key: kms:GenerateDataKey and kms:Decrypt.",
        "KMSDisabled": "Enable the topic's KMS key.",
        "KMSNotFound": "Give the topic a KMS key that exists.",
        "KMSInvalidState": "Look at the state of the topic's KMS key.",
    }
    later = ("KMSThrottling", "InternalError")

    def call(self, aws: Aws, target: DispatchTarget, message: Message) -> Call:
        attributes = {n: {"DataType": "String", "StringValue": v} for n, v in message.attributes.items() if v}
        fifo = {"MessageDeduplicationId": message.id, "MessageGroupId": message.case}
        return Call(
            "publish",
            {
                "TopicArn": target.arn,
                "Message": message.text,
                "MessageAttributes": attributes,
                **(fifo if target.arn.endswith(FIFO) else {}),
            },
        )

    def answered(self, answer: Mapping[str, Any]) -> Sent:
        return Sent(str(answer["MessageId"]))

    def reach(self, aws: Aws, target: DispatchTarget) -> str:
        found = aws.read("sns", "get_topic_attributes", target.region, TopicArn=target.arn)["Attributes"]
        return f"The topic is there, with {found.get('SubscriptionsConfirmed', '0')} confirmed subscriptions."


DISPATCHER = Topic()
