"""A user, a role and a group that were given a policy beside the one that they have."""

from __future__ import annotations

from typing import Any

from sandbox.aws.server import ACCOUNT
from tests.aws.scenarios import Admin, Fields, _iam


def user(admin: Admin, name: str) -> dict[str, Any]:
    return _granted(admin, name, _iam.user(admin, name))


def role(admin: Admin, name: str) -> dict[str, Any]:
    return _granted(admin, name, _iam.role(admin, name))


def group(admin: Admin, name: str) -> dict[str, Any]:
    return _granted(admin, name, _iam.group(admin, name))


def _granted(admin: Admin, name: str, fields: dict[str, Any]) -> dict[str, Any]:
    for policy in (f"{name}-usual", f"{name}-admin"):
        made = admin("iam").create_policy(PolicyName=policy, PolicyDocument=_iam.policy(_iam.allow()))
        _call(admin, "attach", fields, made["Policy"]["Arn"])
    return {**fields, "detail": {"policy_arn": f"arn:aws:iam::{ACCOUNT}:policy/{name}-admin"}}


def _call(admin: Admin, verb: str, fields: Fields, policy: str) -> None:
    kind = fields["object_category"].rpartition(":")[2]
    call = getattr(admin("iam"), f"{verb}_{kind.lower()}_policy")
    call(**{f"{kind}Name": fields["object_id"], "PolicyArn": policy})


def fix(admin: Admin, fields: Fields) -> None:
    _call(admin, "detach", fields, fields["detail"]["policy_arn"])


def remove(admin: Admin, fields: Fields) -> None:
    fix(admin, fields)
    _call(admin, "detach", fields, fields["detail"]["policy_arn"].replace("-admin", "-usual"))
    kind = fields["object_category"].rpartition(":")[2]
    getattr(admin("iam"), f"delete_{kind.lower()}")(**{f"{kind}Name": fields["object_id"]})


drift = None
VARIANTS = {"user": user, "role": role, "group": group}
