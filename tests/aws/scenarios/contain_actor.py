"""A stolen key, and what somebody has made with it within a minute: a key of another user, a user, a role, an open
rule, an instance and a function; and a role that he has assumed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from sandbox.aws.server import ACCOUNT
from tests.aws import estates
from tests.aws.earlier import call
from tests.aws.scenarios import Admin, Fields, _iam, end_live_sessions, quarantine_role

WORLD = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
QUARANTINE, SESSIONS = quarantine_role.POLICY, end_live_sessions.POLICY
ADDRESS = "198.51.100.7"


def stolen_key(admin: Admin, name: str) -> dict[str, Any]:
    iam, ec2 = admin("iam"), admin("ec2")
    made = {"user": f"{name}-made", "role": f"{name}-role", "victim": f"{name}-victim", "assumed": f"{name}-assumed"}
    for user in (name, made["user"], made["victim"]):
        iam.create_user(UserName=user)
    for role in (made["role"], made["assumed"]):
        _iam.role(admin, role)
    stolen, given = (key(admin, user) for user in (name, made["victim"]))
    group = ec2.create_security_group(GroupName=name, Description="test")["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[WORLD])
    made.update(key=given, group=group, instance=estates.instance(admin, name), function=estates.function(admin, name))
    # What the playbook must not read: here it is for those who act by hand.
    return {
        "user": name,
        "user_arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "access_key_id": stolen,
        "event_ids": ("11111111-0000-4000-8000-000000000001",),
        "first_time": time.time() - 60,
        "last_time": time.time() - 60,
        "detail": made,
    }


def key(admin: Admin, user: str) -> str:
    return str(admin("iam").create_access_key(UserName=user)["AccessKey"]["AccessKeyId"])


def past(fields: Fields) -> Sequence[Fields]:
    """What CloudTrail has of the actor, newest first."""
    made, account = fields["detail"], f"arn:aws:sts::{ACCOUNT}:assumed-role"
    calls = [
        ("iam", "CreateAccessKey", {"userName": made["victim"]}, {"accessKey": {"accessKeyId": made["key"]}}),
        ("iam", "CreateUser", {"userName": made["user"]}, {"user": {"userName": made["user"]}}),
        ("iam", "CreateRole", {"roleName": made["role"]}, {"role": {"roleName": made["role"]}}),
        ("sts", "AssumeRole", {}, {"assumedRoleUser": {"arn": f"{account}/{made['assumed']}/x"}}),
        ("ec2", "AuthorizeSecurityGroupIngress", _rule(made["group"]), {"_return": True}),
        ("ec2", "RunInstances", {}, {"instancesSet": {"items": [{"instanceId": made["instance"]}]}}),
        ("lambda", "CreateFunction20150331", {"functionName": made["function"]}, {}),
    ]
    return [recorded(fields, number, *one) for number, one in enumerate(calls)][::-1]


def recorded(fields: Fields, number: int, *of: Any) -> dict[str, Any]:
    """A call of the actor."""
    at = datetime.fromtimestamp(fields["last_time"] + number, timezone.utc)
    who = {
        "type": "IAMUser",
        "arn": fields["user_arn"],
        "accountId": ACCOUNT,
        "accessKeyId": fields["access_key_id"],
        "userName": fields["user"],
    }
    return {
        **call(*of),
        "eventID": f"11111111-0000-4000-8000-1000000000{number:02x}",
        "userIdentity": who,
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "sourceIPAddress": ADDRESS,
    }


def _rule(group: str) -> dict[str, Any]:
    world = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}
    return {"groupId": group, "ipPermissions": {"items": [world]}}


def fix(admin: Admin, fields: Fields) -> None:
    iam, made = admin("iam"), fields["detail"]
    everything = _iam.policy({"Effect": "Deny", "Action": "*", "Resource": "*"})
    ended = end_live_sessions.deny(datetime.now(timezone.utc))
    for user, one in ((fields["user"], fields["access_key_id"]), (made["victim"], made["key"])):
        iam.update_access_key(UserName=user, AccessKeyId=one, Status="Inactive")
    for user in (fields["user"], made["user"]):
        iam.put_user_policy(UserName=user, PolicyName=QUARANTINE, PolicyDocument=everything)
    iam.put_user_policy(UserName=fields["user"], PolicyName=SESSIONS, PolicyDocument=ended)
    iam.put_role_policy(RoleName=made["role"], PolicyName=QUARANTINE, PolicyDocument=everything)
    iam.put_role_policy(RoleName=made["assumed"], PolicyName=SESSIONS, PolicyDocument=ended)
    admin("ec2").revoke_security_group_ingress(GroupId=made["group"], IpPermissions=[WORLD])
    admin("ec2").stop_instances(InstanceIds=[made["instance"]])
    admin("lambda").put_function_concurrency(FunctionName=made["function"], ReservedConcurrentExecutions=0)


def remove(admin: Admin, fields: Fields) -> None:
    iam, made = admin("iam"), fields["detail"]
    for user, one in ((fields["user"], fields["access_key_id"]), (made["victim"], made["key"])):
        iam.delete_access_key(UserName=user, AccessKeyId=one)
    for user in (fields["user"], made["user"]):
        iam.delete_user(UserName=user)
    for role in (made["role"], made["assumed"]):
        iam.delete_role(RoleName=role)
    admin("ec2").delete_security_group(GroupId=made["group"])
    admin("ec2").terminate_instances(InstanceIds=[made["instance"]])
    admin("lambda").delete_function(FunctionName=made["function"])


def drift(admin: Admin, fields: Fields) -> None:
    admin("lambda").put_function_concurrency(
        FunctionName=fields["detail"]["function"], ReservedConcurrentExecutions=3
    )


VARIANTS = {"stolen_key": stolen_key}
