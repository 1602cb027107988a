"""A topic to which everybody may subscribe, beside the owner or alone."""

from __future__ import annotations

from typing import Any

from tests.aws import policies
from tests.aws.scenarios import Admin, Fields


def beside_others(admin: Admin, name: str) -> dict[str, Any]:
    return _topic(admin, name, own=True)


def alone(admin: Admin, name: str) -> dict[str, Any]:
    return _topic(admin, name, own=False)


def _topic(admin: Admin, name: str, own: bool) -> dict[str, Any]:
    topic = admin("sns").create_topic(Name=name)["TopicArn"]
    public = policies.public("SNS:Subscribe", topic)
    _put(admin, topic, *([policies.own("SNS:Publish", topic)] if own else []), public)
    return {"object_category": "AWS::SNS::ResourcePolicy", "object_id": topic, "detail": {"statements": [public]}}


def _put(admin: Admin, topic: str, *statements: dict[str, Any]) -> None:
    policy = policies.policy(*statements)
    admin("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


def fix(admin: Admin, fields: Fields) -> None:
    _put(admin, fields["object_id"], policies.own("SNS:Publish", fields["object_id"]))


def remove(admin: Admin, fields: Fields) -> None:
    admin("sns").delete_topic(TopicArn=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields["object_id"], policies.own("SNS:Publish", fields["object_id"], "Other"))


VARIANTS = {"beside_others": beside_others, "alone": alone}
