"""A group whose SSH port was opened to the world."""

from __future__ import annotations

from typing import Any

from tests.aws import estates
from tests.aws.scenarios import Admin, Fields


def opened(admin: Admin, name: str) -> dict[str, Any]:
    ec2 = admin("ec2")
    group = ec2.create_security_group(GroupName=name, Description="test")["GroupId"]
    world = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    rules = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[world])["SecurityGroupRules"]
    detail = {"rules": [{"rule_id": rules[0]["SecurityGroupRuleId"]}]}
    return {"object_category": "AWS::EC2::SecurityGroup", "object_id": group, "detail": detail}


def opened_by_prefix_list(admin: Admin, name: str) -> dict[str, Any]:
    ec2 = admin("ec2")
    group = ec2.create_security_group(GroupName=name, Description="test")["GroupId"]
    lists = [{"PrefixListId": estates.prefix_list(admin, name, "0.0.0.0/0")}]
    world = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": lists}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[world])
    filters = [{"Name": "group-id", "Values": [group]}]
    found = ec2.describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    detail = {"rules": [{"rule_id": one["SecurityGroupRuleId"]} for one in found if not one["IsEgress"]]}
    return {"object_category": "AWS::EC2::SecurityGroup", "object_id": group, "detail": detail}


def fix(admin: Admin, fields: Fields) -> None:
    ids = [rule["rule_id"] for rule in fields["detail"]["rules"]]
    admin("ec2").revoke_security_group_ingress(GroupId=fields["object_id"], SecurityGroupRuleIds=ids)


def remove(admin: Admin, fields: Fields) -> None:
    admin("ec2").delete_security_group(GroupId=fields["object_id"])


drift = None
VARIANTS = {"opened": opened, "opened_by_prefix_list": opened_by_prefix_list}
