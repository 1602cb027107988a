"""Pieces of estates that several scenarios build."""

from __future__ import annotations

import functools
import io
import json
import zipfile
from typing import Any

from tests.aws.scenarios import Admin

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com", "eks.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
    ],
}


def role(admin: Admin, name: str) -> str:
    """The ARN of a role that services may assume."""
    made = admin("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    return str(made["Role"]["Arn"])


def prefix_list(admin: Admin, name: str, *ranges: str) -> str:
    """The id of a prefix list of these ranges, which are all of one version of IP."""
    family, entries = "IPv6" if ":" in ranges[0] else "IPv4", [{"Cidr": one} for one in ranges]
    asked = {"PrefixListName": name, "MaxEntries": 9, "AddressFamily": family, "Entries": entries}
    return str(admin("ec2").create_managed_prefix_list(**asked)["PrefixList"]["PrefixListId"])


def instance(admin: Admin, name: str, **how: Any) -> str:
    """A running instance."""
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}, *how.pop("tags", ())]}]
    asked = {"ImageId": image(admin), "MinCount": 1, "MaxCount": 1, "TagSpecifications": tags, **how}
    return str(admin("ec2").run_instances(**asked)["Instances"][0]["InstanceId"])


@functools.cache
def image(admin: Admin) -> str:
    """One of those that moto always has. To list them takes longer than most tests."""
    return str(admin("ec2").describe_images(Owners=["amazon"])["Images"][0]["ImageId"])


def instance_with_profile(admin: Admin, name: str) -> str:
    """A running instance with an instance profile that has a role, both of the given name."""
    role(admin, name)
    iam = admin("iam")
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    made = instance(admin, name)
    admin("ec2").associate_iam_instance_profile(InstanceId=made, IamInstanceProfile={"Name": name})
    return made


def interfaces_of(admin: Admin, instance_id: str) -> list[dict[str, Any]]:
    found = admin("ec2").describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]
    return list(found["NetworkInterfaces"])


def quarantine(admin: Admin, name: str, vpc: str) -> str:
    """A security group without rules."""
    ec2 = admin("ec2")
    group = ec2.create_security_group(GroupName=name, Description="by hand", VpcId=vpc)["GroupId"]
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=everything)
    return str(group)


def network(admin: Admin) -> tuple[str, str]:
    """A VPC of its own and a subnet in it."""
    ec2 = admin("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    return str(vpc), str(ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"])


def function(admin: Admin, name: str) -> str:
    """A Lambda function with a role of the same name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): pass")
    admin("lambda").create_function(
        FunctionName=name,
        Role=role(admin, name),
        Runtime="python3.12",
        Handler="app.handler",
        Code={"ZipFile": packed.getvalue()},
    )
    return name


def cluster(admin: Admin, name: str) -> str:
    """An EKS cluster with a public endpoint."""
    asked = {"subnetIds": [], "endpointPublicAccess": True, "publicAccessCidrs": ["0.0.0.0/0"]}
    admin("eks").create_cluster(name=name, roleArn=role(admin, name), resourcesVpcConfig=asked)
    return name
