"""For each playbook, an estate in which it has something to do, and the finding that says so.

A playbook without one fails the tests that run over all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.aws.server import ACCOUNT

#: Makes a client: service, and region if it matters.
Admin = Callable[..., Any]


def restart_trail_logging(admin: Admin, name: str) -> dict[str, Any]:
    admin("s3").create_bucket(Bucket=name)
    admin("cloudtrail").create_trail(Name=name, S3BucketName=name)
    return {"object_category": "AWS::CloudTrail::Trail", "object_id": name}


def revoke_open_ingress(admin: Admin, name: str) -> dict[str, Any]:
    ec2 = admin("ec2")
    group = ec2.create_security_group(GroupName=name, Description="test")["GroupId"]
    world = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    rules = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[world])["SecurityGroupRules"]
    detail = {"rules": [{"rule_id": rules[0]["SecurityGroupRuleId"]}]}
    return {"object_category": "AWS::EC2::SecurityGroup", "object_id": group, "detail": detail}


def deactivate_access_key(admin: Admin, name: str) -> dict[str, Any]:
    admin("iam").create_user(UserName=name)
    key = admin("iam").create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    return {"access_key_id": key, "user": name, "object_category": "AWS::IAM::AccessKey", "object_id": key}


def block_public_bucket(admin: Admin, name: str) -> dict[str, Any]:
    admin("s3").create_bucket(Bucket=name)
    admin("s3").put_bucket_acl(Bucket=name, ACL="public-read")
    return {"object_category": "AWS::S3::Bucket", "object_id": name}


SCENARIOS: dict[str, Callable[[Admin, str], dict[str, Any]]] = {
    made.__name__: made
    for made in (restart_trail_logging, revoke_open_ingress, deactivate_access_key, block_public_bucket)
}


def finding_of(playbook_id: str, admin: Admin, name: str) -> dict[str, Any]:
    """The estate is built; these are the fields of the finding."""
    return {
        "signature_id": "something_bad",
        "signature": "Something bad",
        "severity": "high",
        "dedup_key": name,
        "vendor_account": ACCOUNT,
        "vendor_region": "us-east-1",
        **SCENARIOS[playbook_id](admin, name),
    }
