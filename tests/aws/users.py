"""Users of the sandbox's account, whose keys an entry of the AWS accounts tab has."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from responder.settings.secret import Secret


def for_every_resource(actions: list[str], effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Action": actions, "Resource": "*"}


def user_with(admin: Callable[..., Any], name: str, *statements: dict[str, Any]) -> dict[str, Any]:
    """Fields of an account entry for a user that has these rights and no others."""
    iam = admin("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(
        UserName=name,
        PolicyName="generated",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}),
    )
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"access_key_id": key["AccessKeyId"], "secret_access_key": Secret(key["SecretAccessKey"])}


def user_of_roles(admin: Callable[..., Any], name: str) -> dict[str, Any]:
    """Fields of an account entry for a user that may assume roles, and ask which accounts the organization has."""
    return user_with(admin, name, for_every_resource(["sts:AssumeRole", "organizations:*"]))
