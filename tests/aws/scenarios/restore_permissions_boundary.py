"""A role and a user whose boundary was removed, and one whose boundary was replaced by one that allows everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.aws.server import ACCOUNT
from tests.aws.scenarios import Admin, Fields, _iam

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def role(admin: Admin, name: str) -> dict[str, Any]:
    return _without(admin, _iam.role(admin, name))


def user(admin: Admin, name: str) -> dict[str, Any]:
    return _without(admin, _iam.user(admin, name))


def replaced(admin: Admin, name: str) -> dict[str, Any]:
    return _replaced(admin, _iam.role(admin, name))


def replaced_user(admin: Admin, name: str) -> dict[str, Any]:
    return _replaced(admin, _iam.user(admin, name))


def _replaced(admin: Admin, fields: dict[str, Any]) -> dict[str, Any]:
    found = _without(admin, fields)
    _put(admin, found, ADMIN)
    return {**found, "detail": {"boundary": ADMIN}}


def _without(admin: Admin, fields: dict[str, Any]) -> dict[str, Any]:
    for policy in ("edge", "other"):
        name = f"{fields['object_id']}-{policy}"
        admin("iam").create_policy(PolicyName=name, PolicyDocument=_iam.policy(_iam.allow("s3:*")))
    return {**fields, "detail": {"boundary": ""}}


def edge(fields: Fields) -> str:
    return f"arn:aws:iam::{ACCOUNT}:policy/{fields['object_id']}-edge"


def _put(admin: Admin, fields: Fields, policy: str) -> None:
    kind = fields["object_category"].rpartition(":")[2]
    put = getattr(admin("iam"), f"put_{kind.lower()}_permissions_boundary")
    put(**{f"{kind}Name": fields["object_id"], "PermissionsBoundary": policy})


def fix(admin: Admin, fields: Fields) -> None:
    _put(admin, fields, edge(fields))


def remove(admin: Admin, fields: Fields) -> None:
    kind = fields["object_category"].rpartition(":")[2]
    getattr(admin("iam"), f"delete_{kind.lower()}")(**{f"{kind}Name": fields["object_id"]})


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields, edge(fields).replace("-edge", "-other"))


def past(fields: Fields) -> Sequence[Fields]:
    kind = fields["object_category"].rpartition(":")[2]
    request = {f"{kind.lower()}Name": fields["object_id"], "permissionsBoundary": edge(fields)}
    return [_iam.record(f"Create{kind}", request)]


VARIANTS = {"role": role, "user": user, "replaced": replaced, "replaced_user": replaced_user}
SLOW = ("replaced", "replaced_user")
