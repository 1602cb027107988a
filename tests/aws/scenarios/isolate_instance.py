"""An instance whose credentials are used elsewhere; with a second interface, in another VPC."""

from __future__ import annotations

from typing import Any

from tests.aws import estates
from tests.aws.scenarios import Admin, Fields


def with_role(admin: Admin, name: str) -> dict[str, Any]:
    return _named(estates.instance_with_profile(admin, name))


def in_two_networks(admin: Admin, name: str) -> dict[str, Any]:
    instance = estates.instance(admin, name)
    _, subnet = estates.network(admin)
    made = admin("ec2").create_network_interface(SubnetId=subnet, Description=name)["NetworkInterface"]
    admin("ec2").attach_network_interface(
        DeviceIndex=1, InstanceId=instance, NetworkInterfaceId=made["NetworkInterfaceId"]
    )
    return _named(instance)


def fix(admin: Admin, fields: Fields) -> None:
    instance, ec2 = fields["object_id"], admin("ec2")
    groups: dict[str, str] = {}
    for one in estates.interfaces_of(admin, instance):
        vpc = one["VpcId"]
        if vpc not in groups:
            groups[vpc] = estates.quarantine(admin, f"cloudtrail-responder-{instance}", vpc)
        ec2.modify_network_interface_attribute(NetworkInterfaceId=one["NetworkInterfaceId"], Groups=[groups[vpc]])
    filters = [{"Name": "instance-id", "Values": [instance]}]
    found = ec2.describe_iam_instance_profile_associations(Filters=filters)["IamInstanceProfileAssociations"]
    for one in found:
        ec2.disassociate_iam_instance_profile(AssociationId=one["AssociationId"])


def remove(admin: Admin, fields: Fields) -> None:
    admin("ec2").terminate_instances(InstanceIds=[fields["object_id"]])


def drift(admin: Admin, fields: Fields) -> None:
    one = estates.interfaces_of(admin, fields["object_id"])[0]
    other = estates.quarantine(admin, f"other-{fields['object_id']}", one["VpcId"])
    admin("ec2").modify_network_interface_attribute(NetworkInterfaceId=one["NetworkInterfaceId"], Groups=[other])


def _named(instance: str) -> dict[str, Any]:
    return {"object_category": "AWS::EC2::Instance", "object_id": instance}


VARIANTS = {"with_role": with_role, "in_two_networks": in_two_networks}
SLOW = ("in_two_networks",)
