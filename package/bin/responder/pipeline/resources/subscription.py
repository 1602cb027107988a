"""The queue's subscription to the topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..calls import Calls
from ..resource import Found, Known, Resource, Template


@dataclass(frozen=True)
class Subscription(Resource):
    """``wanted``: raw_delivery, endpoint (the queue's ARN). ``name``: the topic's."""

    kind: ClassVar[str] = "subscription to topic"
    host: ClassVar[str] = "topic"

    @property
    def _topic(self) -> str:
        return self.place.arn("sns", self.name)

    def read(self, calls: Calls, known: Known) -> Found | None:
        more: dict[str, str] = {}
        while True:
            absent = ("NotFound", "NotFoundException")
            page = calls.read_or_empty(absent, "sns", "list_subscriptions_by_topic", TopicArn=self._topic, **more)
            for one in page.get("Subscriptions") or ():
                if one.get("Protocol") == "sqs" and one.get("Endpoint") == self.wanted["endpoint"]:
                    return self._found(calls, str(one["SubscriptionArn"]))
            if not page.get("NextToken"):
                return None
            more = {"NextToken": page["NextToken"]}

    def _found(self, calls: Calls, arn: str) -> Found:
        endpoint = {"endpoint": self.wanted["endpoint"]}
        if not arn.startswith("arn:"):
            # AWS puts words in its place while nobody has confirmed it.
            return Found(arn, {**endpoint, "raw_delivery": self.wanted["raw_delivery"]})
        answer = calls.read("sns", "get_subscription_attributes", SubscriptionArn=arn)["Attributes"]
        return Found(arn, {**endpoint, "raw_delivery": str(answer.get("RawMessageDelivery")).lower() == "true"})

    def create(self, calls: Calls, tags: Mapping[str, str]) -> None:
        calls.write(
            "sns",
            "subscribe",
            TopicArn=self._topic,
            Protocol="sqs",
            Endpoint=self.wanted["endpoint"],
            Attributes={"RawMessageDelivery": _text(self.wanted["raw_delivery"])},
            ReturnSubscriptionArn=True,
        )

    def change(self, calls: Calls, found: Found, setting: str) -> None:
        calls.write(
            "sns",
            "set_subscription_attributes",
            SubscriptionArn=found.id,
            AttributeName="RawMessageDelivery",
            AttributeValue=_text(self.wanted["raw_delivery"]),
        )

    def delete(self, calls: Calls, found: Found) -> None:
        calls.write("sns", "unsubscribe", ("NotFound", "NotFoundException"), SubscriptionArn=found.id)

    def health(self, calls: Calls, found: Found) -> list[str]:
        waits = "Nobody has confirmed it, so nothing is delivered. Confirm it, or delete it and apply again."
        return [] if found.id.startswith("arn:") else [waits]

    def cloudformation(self) -> Sequence[Template]:
        body = {
            "TopicArn": {"Ref": "Topic"},
            "Protocol": "sqs",
            "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]},
            "RawMessageDelivery": self.wanted["raw_delivery"],
        }
        return (Template("Subscription", "AWS::SNS::Subscription", body, after=("QueuePolicy",)),)

    def terraform(self) -> Sequence[Template]:
        body = {
            "topic_arn": {"ref": "aws_sns_topic.topic.arn"},
            "protocol": "sqs",
            "endpoint": {"ref": "aws_sqs_queue.queue.arn"},
            "raw_message_delivery": self.wanted["raw_delivery"],
        }
        return (Template("queue", "aws_sns_topic_subscription", body, after=("aws_sqs_queue_policy.queue",)),)


def _text(flag: bool) -> str:
    return "true" if flag else "false"
