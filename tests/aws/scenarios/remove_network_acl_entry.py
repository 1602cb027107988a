"""A network ACL whose entry lets the world in: one that is new, and one that took the place of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.aws.server import ACCOUNT
from tests.aws import estates
from tests.aws.scenarios import Admin, Fields

OPEN = {"Protocol": "6", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0", "PortRange": {"From": 22, "To": 22}}
NARROW = {**OPEN, "CidrBlock": "192.0.2.0/24"}


def added(admin: Admin, name: str) -> dict[str, Any]:
    acl = _acl(admin)
    admin("ec2").create_network_acl_entry(NetworkAclId=acl, RuleNumber=90, Egress=False, **OPEN)
    return _found(acl, "CreateNetworkAclEntry")


def replaced(admin: Admin, name: str) -> dict[str, Any]:
    acl, ec2 = _acl(admin), admin("ec2")
    ec2.create_network_acl_entry(NetworkAclId=acl, RuleNumber=90, Egress=False, **NARROW)
    ec2.replace_network_acl_entry(NetworkAclId=acl, RuleNumber=90, Egress=False, **OPEN)
    return _found(acl, "ReplaceNetworkAclEntry")


def past(fields: Fields) -> Sequence[Fields]:
    """The call that had made the entry."""
    asked = {"networkAclId": fields["object_id"], "ruleNumber": 90, "egress": False, "ruleAction": "allow"}
    asked = {**asked, "aclProtocol": "6", "cidrBlock": "192.0.2.0/24", "portRange": {"from": 22, "to": 22}}
    record = {
        "eventID": "1",
        "eventSource": "ec2.amazonaws.com",
        "eventName": "CreateNetworkAclEntry",
        "recipientAccountId": ACCOUNT,
        "requestParameters": asked,
    }
    return [record]


def fix(admin: Admin, fields: Fields) -> None:
    admin("ec2").delete_network_acl_entry(NetworkAclId=fields["object_id"], RuleNumber=90, Egress=False)


def remove(admin: Admin, fields: Fields) -> None:
    admin("ec2").delete_network_acl(NetworkAclId=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    put = admin("ec2").create_network_acl_entry
    if fields["detail"]["entry"]["call"] == "ReplaceNetworkAclEntry":
        put = admin("ec2").replace_network_acl_entry
    put(NetworkAclId=fields["object_id"], RuleNumber=90, Egress=False, **{**OPEN, "CidrBlock": "198.51.100.0/24"})


def _acl(admin: Admin) -> str:
    vpc, _ = estates.network(admin)
    return str(admin("ec2").create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"])


def _found(acl: str, call: str) -> dict[str, Any]:
    entry = {"call": call, "rule_number": "90", "egress": "false", "action": "allow", "cidr": "0.0.0.0/0"}
    entry |= {"protocol": "tcp", "from_port": "22", "to_port": "22"}
    return {"object_category": "AWS::EC2::NetworkAcl", "object_id": acl, "detail": {"entry": entry}}


VARIANTS = {"added": added, "replaced": replaced}
