"""A queue that everybody may use: by its policy, beside the owner or alone, or by a permission for an account."""

from __future__ import annotations

from typing import Any

from sandbox.aws.server import ACCOUNT
from tests.aws import policies
from tests.aws.scenarios import Admin, Fields


def beside_others(admin: Admin, name: str) -> dict[str, Any]:
    return _queue(admin, name, own=True)


def alone(admin: Admin, name: str) -> dict[str, Any]:
    return _queue(admin, name, own=False)


def by_permission(admin: Admin, name: str) -> dict[str, Any]:
    url = admin("sqs").create_queue(QueueName=name)["QueueUrl"]
    admin("sqs").add_permission(
        QueueUrl=url, Label="partner", AWSAccountIds=[policies.OUTSIDE], Actions=["ReceiveMessage"]
    )
    detail = {"label": "partner", "granted_to": policies.OUTSIDE}
    return {"object_category": "AWS::SQS::Permission", "object_id": url, "detail": detail}


def _queue(admin: Admin, name: str, own: bool) -> dict[str, Any]:
    url = admin("sqs").create_queue(QueueName=name)["QueueUrl"]
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
    public = policies.public("SQS:*", queue)
    _put(admin, url, *([policies.own("SQS:SendMessage", queue)] if own else []), public)
    return {"object_category": "AWS::SQS::ResourcePolicy", "object_id": url, "detail": {"statements": [public]}}


def _put(admin: Admin, url: str, *statements: dict[str, Any]) -> None:
    policy = policies.policy(*statements) if statements else ""
    admin("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


def fix(admin: Admin, fields: Fields) -> None:
    _put(admin, fields["object_id"])


def remove(admin: Admin, fields: Fields) -> None:
    admin("sqs").delete_queue(QueueUrl=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    name = fields["object_id"].rpartition("/")[2]
    _put(admin, fields["object_id"], policies.own("SQS:Send*", f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"))


VARIANTS = {"beside_others": beside_others, "alone": alone, "by_permission": by_permission}
