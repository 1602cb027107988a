"""A function that somebody connected to a queue."""

from __future__ import annotations

from typing import Any

from sandbox.aws.server import ACCOUNT
from tests.aws import estates
from tests.aws.scenarios import Admin, Fields


def connected(admin: Admin, name: str) -> dict[str, Any]:
    admin("sqs").create_queue(QueueName=name)
    made = admin("lambda").create_event_source_mapping(
        FunctionName=estates.function(admin, name), EventSourceArn=f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
    )
    return {"object_category": "AWS::Lambda::Function", "object_id": name, "detail": {"mapping": made["UUID"]}}


def fix(admin: Admin, fields: Fields) -> None:
    admin("lambda").update_event_source_mapping(UUID=fields["detail"]["mapping"], Enabled=False)


def remove(admin: Admin, fields: Fields) -> None:
    admin("lambda").delete_function(FunctionName=fields["object_id"])


drift = None
VARIANTS = {"connected": connected}
