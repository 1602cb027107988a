"""Who uses a security group, in sentences.

Facts: EC2 API Reference, DescribeNetworkInterfaces (filter ``group-id``; the description of an interface that a service
manages says of which: ``ELB app/...``, ``RDSNetworkInterface``), DescribeSecurityGroups (``ip-permission.group-id``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ....aws.client import Aws

#: By the beginning of the description.
_BY_DESCRIPTION = {
    "ELB ": "load balancer",
    "RDSNetworkInterface": "RDS database",
    "AWS Lambda VPC ENI": "Lambda function",
    "ElastiCache": "ElastiCache",
    "Amazon EKS": "EKS cluster",
    "EFS mount target": "EFS file system",
    "VPC Endpoint Interface": "VPC endpoint",
    "arn:aws:ecs": "ECS task",
    "RedshiftNetworkInterface": "Redshift cluster",
}


def interfaces_of(group: str, region: str, aws: Aws) -> Sequence[Mapping[str, Any]]:
    filters = [{"Name": "group-id", "Values": [group]}]
    found: Sequence[Mapping[str, Any]] = aws.read_all(
        "NetworkInterfaces", "ec2", "describe_network_interfaces", region, Filters=filters
    )
    return found


def of_group(group: str, region: str, aws: Aws) -> list[str]:
    found = interfaces_of(group, region, aws)
    kinds = Counter(map(_kind, found))
    named = ", ".join(f"{count} of {kind}" for kind, count in kinds.most_common(6))
    many = f"{len(found)} network interface{'s' * (len(found) != 1)}"
    public = sum(1 for one in found if (one.get("Association") or {}).get("PublicIp"))
    said = [f"{many} use {group}: {named}; {public} with a public address." if found else f"Nothing uses {group} now."]
    filters = [{"Name": "ip-permission.group-id", "Values": [group]}]
    others = aws.read_all("SecurityGroups", "ec2", "describe_security_groups", region, Filters=filters)
    if others:
        ids = ", ".join(str(one["GroupId"]) for one in others[:10])
        said.append(f"Rules of {len(others)} other security group{'s' * (len(others) != 1)} name it: {ids}.")
    return said


def _kind(interface: Mapping[str, Any]) -> str:
    description = str(interface.get("Description") or "")
    for start, kind in _BY_DESCRIPTION.items():
        if description.startswith(start):
            return kind
    if (interface.get("Attachment") or {}).get("InstanceId"):
        return "instances"
    kind = str(interface.get("InterfaceType") or "interface")
    return re.sub("[^a-z]", " ", kind) if kind != "interface" else "something else"
