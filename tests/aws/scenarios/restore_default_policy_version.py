"""A policy that got a new default version, and one of which an old version was made the default."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.aws.scenarios import Admin, Fields, _iam


def new_version(admin: Admin, name: str) -> dict[str, Any]:
    """It is the newest, so the one before it was the default."""
    return {**_policy(admin, name), "detail": {"version_id": "v3"}}


def old_version(admin: Admin, name: str) -> dict[str, Any]:
    """CloudTrail says which was the default before."""
    found = _policy(admin, f"{name}-old")
    _set(admin, found, "v1")
    return {**found, "detail": {"version_id": "v1"}}


def _policy(admin: Admin, name: str) -> dict[str, Any]:
    iam = admin("iam")
    policy = iam.create_policy(PolicyName=name, PolicyDocument=_iam.policy(_iam.allow("ec2:*")))["Policy"]["Arn"]
    for action in ("s3:GetObject", "*"):
        document = _iam.policy(_iam.allow(action))
        iam.create_policy_version(PolicyArn=policy, PolicyDocument=document, SetAsDefault=True)
    iam.create_user(UserName=name)
    iam.attach_user_policy(UserName=name, PolicyArn=policy)
    return {"object_category": "AWS::IAM::ManagedPolicy", "object_id": policy}


def _set(admin: Admin, fields: Fields, version: str) -> None:
    admin("iam").set_default_policy_version(PolicyArn=fields["object_id"], VersionId=version)


def fix(admin: Admin, fields: Fields) -> None:
    _set(admin, fields, "v2")


def remove(admin: Admin, fields: Fields) -> None:
    iam, policy = admin("iam"), fields["object_id"]
    iam.detach_user_policy(UserName=policy.rpartition("/")[2], PolicyArn=policy)
    for version in iam.list_policy_versions(PolicyArn=policy)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=policy, VersionId=version["VersionId"])
    iam.delete_policy(PolicyArn=policy)


def drift(admin: Admin, fields: Fields) -> None:
    _set(admin, fields, "v3" if fields["detail"]["version_id"] == "v1" else "v1")


def past(fields: Fields) -> Sequence[Fields]:
    if not fields["object_id"].endswith("-old"):
        return []
    request = {"policyArn": fields["object_id"], "versionId": "v2"}
    return [_iam.record("SetDefaultPolicyVersion", request)]


VARIANTS = {"new_version": new_version, "old_version": old_version}
