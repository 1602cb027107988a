"""Roles that outsiders may assume: beside others, in a statement with others, and alone."""

from __future__ import annotations

import json
from typing import Any

from sandbox.aws.server import ACCOUNT
from tests.aws.scenarios import Admin, Fields, _iam

OUTSIDE = "444455556666"
OURS = _iam.TRUST["Statement"][0]


def trust(*principals: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole"}


def beside(admin: Admin, name: str) -> dict[str, Any]:
    return _role(admin, name, trust(f"arn:aws:iam::{OUTSIDE}:root"), OURS)


def mixed(admin: Admin, name: str) -> dict[str, Any]:
    return _role(admin, name, trust(f"arn:aws:iam::{OUTSIDE}:user/x", f"arn:aws:iam::{ACCOUNT}:root"))


def alone(admin: Admin, name: str) -> dict[str, Any]:
    return _role(admin, name, {**trust("*"), "Principal": "*"}, outside="*")


def _role(admin: Admin, name: str, *statements: Any, outside: str = OUTSIDE) -> dict[str, Any]:
    found = _iam.role(admin, name)
    _update(admin, found, *statements)
    return {**found, "detail": {"statements": [json.dumps(statements[0])], "outside_account": outside}}


def _update(admin: Admin, fields: Fields, *statements: Any) -> None:
    admin("iam").update_assume_role_policy(RoleName=fields["object_id"], PolicyDocument=_iam.policy(*statements))


def fix(admin: Admin, fields: Fields) -> None:
    _update(admin, fields, OURS)


def remove(admin: Admin, fields: Fields) -> None:
    admin("iam").delete_role(RoleName=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    _update(admin, fields, trust("arn:aws:iam::777788889999:root"))


VARIANTS = {"beside": beside, "mixed": mixed, "alone": alone}
SLOW = ("mixed",)
