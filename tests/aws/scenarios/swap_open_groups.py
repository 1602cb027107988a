"""An interface that was put into a group that others use, and that is open to the world."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.aws import earlier, estates
from tests.aws.scenarios import Admin, Fields


def shared(admin: Admin, name: str) -> dict[str, Any]:
    """It lets only some out, and has a rule that is not open."""
    return _in_open_group(admin, name, {"IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "open"}]})


def by_prefix_list(admin: Admin, name: str) -> dict[str, Any]:
    lists = [{"PrefixListId": estates.prefix_list(admin, name, "0.0.0.0/0")}]
    return _in_open_group(admin, name, {"PrefixListIds": lists})


def _in_open_group(admin: Admin, name: str, world: dict[str, Any]) -> dict[str, Any]:
    vpc, subnet = estates.network(admin)
    ec2, ssh = admin("ec2"), {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    group = estates.quarantine(admin, name, vpc)
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{**ssh, **world}])
    near = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{**near, "UserIdGroupPairs": [{"GroupId": group}]}]
    )
    ec2.authorize_security_group_egress(
        GroupId=group, IpPermissions=[{**near, "IpRanges": [{"CidrIp": "10.9.0.0/16", "Description": "near"}]}]
    )
    other = estates.quarantine(admin, f"{name}-other", vpc)
    made = ec2.create_network_interface(SubnetId=subnet, Groups=[group, other], Description=name)
    interface, instance = made["NetworkInterface"]["NetworkInterfaceId"], estates.instance_with_profile(admin, name)
    ec2.attach_network_interface(NetworkInterfaceId=interface, InstanceId=instance, DeviceIndex=1)
    detail = {"groups": [group, other]}
    return {"object_category": "AWS::EC2::NetworkInterface", "object_id": interface, "detail": detail}


def past(fields: Fields) -> Sequence[Fields]:
    """It was made in the group that is not open."""
    return (made_in(fields["object_id"], fields["detail"]["groups"][1]),)


def made_in(interface: str, *groups: str) -> Fields:
    """The record of a call that made an interface in these groups."""
    items = [{"groupId": group} for group in groups]
    made = {"networkInterfaceId": interface, "groupSet": {"items": items}}
    return earlier.call("ec2", "CreateNetworkInterface", {}, {"networkInterface": made})


def fix(admin: Admin, fields: Fields) -> None:
    _move(admin, fields, f"closed-{fields['object_id']}")


def remove(admin: Admin, fields: Fields) -> None:
    admin("ec2").delete_network_interface(NetworkInterfaceId=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    _move(admin, fields, f"other-{fields['object_id']}")


def _move(admin: Admin, fields: Fields, name: str) -> None:
    ec2, interface = admin("ec2"), fields["object_id"]
    vpc = ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"][0]["VpcId"]
    ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=[estates.quarantine(admin, name, vpc)])


VARIANTS = {"shared": shared, "by_prefix_list": by_prefix_list}
SLOW = ("by_prefix_list",)
