"""A user and a group into which a policy was written, and a role whose policy was replaced."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.aws.scenarios import Admin, Fields, _iam

NAME = "work"
EARLIER = _iam.allow("s3:GetObject")


def user(admin: Admin, name: str) -> dict[str, Any]:
    return _written(admin, _iam.user(admin, name))


def role(admin: Admin, name: str) -> dict[str, Any]:
    """CloudTrail knows what stood there before."""
    return _written(admin, _iam.role(admin, name))


def new_in_role(admin: Admin, name: str) -> dict[str, Any]:
    return _written(admin, _iam.role(admin, f"{name}-new"))


def group(admin: Admin, name: str) -> dict[str, Any]:
    return _written(admin, _iam.group(admin, name))


def _written(admin: Admin, fields: dict[str, Any]) -> dict[str, Any]:
    _put(admin, fields, "usual", _iam.allow("ec2:DescribeInstances"))
    _put(admin, fields, NAME, _iam.allow())
    return {**fields, "detail": {"policy_name": NAME, "statements": [json.dumps(_iam.allow())]}}


def _put(admin: Admin, fields: Fields, policy: str, statement: Fields) -> None:
    _call(admin, "put", fields, PolicyName=policy, PolicyDocument=_iam.policy(dict(statement)))


def _call(admin: Admin, verb: str, fields: Fields, **given: Any) -> None:
    kind = fields["object_category"].rpartition(":")[2]
    getattr(admin("iam"), f"{verb}_{kind.lower()}_policy")(**{f"{kind}Name": fields["object_id"]}, **given)


def fix(admin: Admin, fields: Fields) -> None:
    _call(admin, "delete", fields, PolicyName=NAME)


def remove(admin: Admin, fields: Fields) -> None:
    fix(admin, fields)
    _call(admin, "delete", fields, PolicyName="usual")
    kind = fields["object_category"].rpartition(":")[2]
    getattr(admin("iam"), f"delete_{kind.lower()}")(**{f"{kind}Name": fields["object_id"]})


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields, NAME, _iam.allow("ec2:*"))


def past(fields: Fields) -> Sequence[Fields]:
    if fields["object_id"].endswith("-new"):
        return []
    request = {"roleName": fields["object_id"], "policyName": NAME, "policyDocument": _iam.policy(EARLIER)}
    other = {**request, "policyName": "other", "policyDocument": _iam.policy(_iam.allow("s3:*"))}
    return [_iam.record("PutRolePolicy", other), _iam.record("PutRolePolicy", request)]


VARIANTS = {"user": user, "role": role, "new_in_role": new_in_role, "group": group}
