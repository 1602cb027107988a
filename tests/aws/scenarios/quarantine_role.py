"""A role whose session somebody else has."""

from __future__ import annotations

from typing import Any

from sandbox.aws.server import ACCOUNT
from tests.aws.scenarios import Admin, Fields, _iam

POLICY = "CloudTrailResponder-Quarantine"


def session(admin: Admin, name: str) -> dict[str, Any]:
    _iam.role(admin, name)
    return {"user_arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/i-0123456789abcdef0", "user": name}


def full(admin: Admin, name: str) -> dict[str, Any]:
    """Its inline policies leave no room for another."""
    found = session(admin, name)
    for number in range(2):
        asked = {"RoleName": name, "PolicyName": f"work-{number}", "PolicyDocument": _iam.filling(5_080)}
        admin("iam").put_role_policy(**asked)
    return found


def fix(admin: Admin, fields: Fields) -> None:
    _put(admin, fields, _iam.policy({"Effect": "Deny", "Action": "*", "Resource": "*"}))


def remove(admin: Admin, fields: Fields) -> None:
    admin("iam").delete_role(RoleName=fields["user"])


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields, _iam.policy({"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}))


def _put(admin: Admin, fields: Fields, document: str) -> None:
    admin("iam").put_role_policy(RoleName=fields["user"], PolicyName=POLICY, PolicyDocument=document)


VARIANTS = {"session": session, "full": full}
