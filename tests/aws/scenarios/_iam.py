"""What scenarios about IAM share."""

from __future__ import annotations

import json
from typing import Any

from sandbox.aws.server import ACCOUNT
from tests.aws.scenarios import Admin

TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}],
}


def user(admin: Admin, name: str) -> dict[str, Any]:
    admin("iam").create_user(UserName=name)
    return {"object_category": "AWS::IAM::User", "object_id": name}


def role(admin: Admin, name: str) -> dict[str, Any]:
    admin("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    return {"object_category": "AWS::IAM::Role", "object_id": name}


def group(admin: Admin, name: str) -> dict[str, Any]:
    admin("iam").create_group(GroupName=name)
    return {"object_category": "AWS::IAM::Group", "object_id": name}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "*", **more}


def filling(size: int) -> str:
    """A policy of so many characters."""
    empty = policy(allow("s3:GetObject", Resource="arn:aws:s3:::")).replace(" ", "")
    return empty.replace(":::", f":::{'x' * (size - len(empty))}")


def record(event: str, request: dict[str, Any], response: Any = None, **more: Any) -> dict[str, Any]:
    """A CloudTrail record of an earlier call, as the index has it."""
    return {
        "eventName": event,
        "eventSource": "iam.amazonaws.com",
        "eventID": f"past-{event}",
        "recipientAccountId": ACCOUNT,
        "userIdentity": {"type": "IAMUser", "accountId": ACCOUNT},
        "requestParameters": request,
        "responseElements": response,
        **more,
    }
