"""Permissions boundaries of IAM users, which moto lacks; it has those of roles, and shows what stands on its user.

Facts: IAM API Reference, PutUserPermissionsBoundary (``NoSuchEntity``, ``InvalidInput``, ``PolicyNotAttachable``),
DeleteUserPermissionsBoundary.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from moto.iam.models import iam_backends

from sandbox.aws.double import Answer, Refused, World

_POLICY = re.compile(r"arn:[a-z-]+:iam::(aws|\d{12}):policy/.+")


def put(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    iam, policy = iam_backends[world.account]["aws"], str(given["PermissionsBoundary"])
    user: Any = iam.get_user(given["UserName"])
    if not _POLICY.fullmatch(policy):
        raise Refused("InvalidInput", f"ARN {policy} is not valid.")
    if ":iam::aws:" not in policy and policy not in iam.managed_policies:
        raise Refused("NoSuchEntity", f"Scope ARN: {policy} does not exist or is not attachable.")
    user.permissions_boundary = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": policy}
    return {}


def delete(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    user: Any = iam_backends[world.account]["aws"].get_user(given["UserName"])
    if not getattr(user, "permissions_boundary", None):
        raise Refused("NoSuchEntity", f"No permissions boundary set for user {given['UserName']}")
    user.permissions_boundary = None
    return {}


DOUBLES: Mapping[tuple[str, str], Answer] = {
    ("iam", "PutUserPermissionsBoundary"): put,
    ("iam", "DeleteUserPermissionsBoundary"): delete,
}
