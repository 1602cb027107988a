"""A user who was added to a group with policies of both kinds."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields, _iam


def added(admin: Admin, name: str) -> dict[str, Any]:
    iam = admin("iam")
    _iam.user(admin, name)
    found = _iam.group(admin, f"{name}-admins")
    policy = iam.create_policy(PolicyName=name, PolicyDocument=_iam.policy(_iam.allow("s3:*")))["Policy"]["Arn"]
    iam.attach_group_policy(GroupName=found["object_id"], PolicyArn=policy)
    document = _iam.policy(_iam.allow("ec2:*"))
    iam.put_group_policy(GroupName=found["object_id"], PolicyName="work", PolicyDocument=document)
    iam.add_user_to_group(GroupName=found["object_id"], UserName=name)
    return {**found, "detail": {"member": name}}


def fix(admin: Admin, fields: Fields) -> None:
    admin("iam").remove_user_from_group(GroupName=fields["object_id"], UserName=fields["detail"]["member"])


def remove(admin: Admin, fields: Fields) -> None:
    fix(admin, fields)
    admin("iam").delete_user(UserName=fields["detail"]["member"])


drift = None
VARIANTS = {"added": added}
