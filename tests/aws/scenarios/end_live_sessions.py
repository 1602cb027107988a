"""A role and a user whose sessions somebody else has, and a key of which only the id is known."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.aws.scenarios import Admin, Fields, _iam

POLICY = "CloudTrailResponder-EndSessions"


def role(admin: Admin, name: str) -> dict[str, Any]:
    iam = admin("iam")
    found = _iam.role(admin, name)
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    return {**found, "last_time": time.time() - 60}


def user(admin: Admin, name: str) -> dict[str, Any]:
    """The policy is there, with a time before what was found."""
    found = _iam.user(admin, name)
    _put(admin, found, deny(datetime.now(timezone.utc) - timedelta(days=1)))
    return {**found, "last_time": time.time() - 60}


def key(admin: Admin, name: str) -> dict[str, Any]:
    admin("iam").create_user(UserName=name)
    made = admin("iam").create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    return {"access_key_id": made, "user": name, "last_time": time.time() - 60}


def deny(when: datetime) -> str:
    condition = {"DateLessThan": {"aws:TokenIssueTime": when.strftime("%Y-%m-%dT%H:%M:%SZ")}}
    return _iam.policy({"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": condition})


def fix(admin: Admin, fields: Fields) -> None:
    _put(admin, fields, deny(datetime.now(timezone.utc)))


def remove(admin: Admin, fields: Fields) -> None:
    iam, name = admin("iam"), fields.get("object_id") or fields["user"]
    if fields.get("object_category") == "AWS::IAM::Role":
        iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=name)
        iam.delete_role(RoleName=name)
        return
    for policy in iam.list_user_policies(UserName=name)["PolicyNames"]:
        iam.delete_user_policy(UserName=name, PolicyName=policy)
    for one in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=one["AccessKeyId"])
    iam.delete_user(UserName=name)


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields, _iam.policy({"Effect": "Deny", "Action": "s3:*", "Resource": "*"}))


def _put(admin: Admin, fields: Fields, document: str) -> None:
    given, name = {"PolicyName": POLICY, "PolicyDocument": document}, fields.get("object_id") or fields["user"]
    if fields.get("object_category") == "AWS::IAM::Role":
        admin("iam").put_role_policy(RoleName=name, **given)
    else:
        admin("iam").put_user_policy(UserName=name, **given)


VARIANTS = {"role": role, "user": user, "key": key}
