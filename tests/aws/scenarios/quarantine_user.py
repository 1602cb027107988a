"""A user, and a key of which only the id is known, that somebody else has."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields, _iam

POLICY = "CloudTrailResponder-Quarantine"


def user(admin: Admin, name: str) -> dict[str, Any]:
    return _iam.user(admin, name)


def key(admin: Admin, name: str) -> dict[str, Any]:
    """A policy of that name is there, which denies little."""
    admin("iam").create_user(UserName=name)
    _put(admin, {"object_id": name}, _iam.policy({"Effect": "Deny", "Action": "s3:*", "Resource": "*"}))
    return {"access_key_id": admin("iam").create_access_key(UserName=name)["AccessKey"]["AccessKeyId"], "user": name}


def full(admin: Admin, name: str) -> dict[str, Any]:
    """Its inline policies leave no room for another."""
    found = _iam.user(admin, name)
    admin("iam").put_user_policy(UserName=name, PolicyName="work", PolicyDocument=_iam.filling(2_000))
    return found


def fix(admin: Admin, fields: Fields) -> None:
    _put(admin, fields, _iam.policy({"Effect": "Deny", "Action": ["*"], "Resource": ["*"]}))


def remove(admin: Admin, fields: Fields) -> None:
    iam, name = admin("iam"), fields.get("object_id") or fields["user"]
    for policy in iam.list_user_policies(UserName=name)["PolicyNames"]:
        iam.delete_user_policy(UserName=name, PolicyName=policy)
    for one in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=one["AccessKeyId"])
    iam.delete_user(UserName=name)


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields, _iam.policy({"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}))


def _put(admin: Admin, fields: Fields, document: str) -> None:
    name = fields.get("object_id") or fields["user"]
    admin("iam").put_user_policy(UserName=name, PolicyName=POLICY, PolicyDocument=document)


VARIANTS = {"user": user, "key": key, "full": full}
