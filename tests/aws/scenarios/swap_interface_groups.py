"""An interface that talks to a bad network."""

from __future__ import annotations

from typing import Any

from tests.aws import estates
from tests.aws.scenarios import Admin, Fields


def talking(admin: Admin, name: str) -> dict[str, Any]:
    _, subnet = estates.network(admin)
    made = admin("ec2").create_network_interface(SubnetId=subnet, Description=name)["NetworkInterface"]
    interface = made["NetworkInterfaceId"]
    instance = estates.instance_with_profile(admin, name)
    admin("ec2").attach_network_interface(NetworkInterfaceId=interface, InstanceId=instance, DeviceIndex=1)
    return {"object_category": "AWS::EC2::NetworkInterface", "object_id": interface}


def fix(admin: Admin, fields: Fields) -> None:
    _move(admin, fields, f"cloudtrail-responder-{fields['object_id']}")


def remove(admin: Admin, fields: Fields) -> None:
    admin("ec2").delete_network_interface(NetworkInterfaceId=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    _move(admin, fields, f"other-{fields['object_id']}")


def _move(admin: Admin, fields: Fields, name: str) -> None:
    ec2, interface = admin("ec2"), fields["object_id"]
    vpc = ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"][0]["VpcId"]
    group = estates.quarantine(admin, name, vpc)
    ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=[group])


VARIANTS = {"talking": talking}
