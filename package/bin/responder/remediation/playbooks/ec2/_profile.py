"""The instance profile of an instance: how it is read, taken off and put back.

Facts: EC2 API Reference, DescribeIamInstanceProfileAssociations (an association that was taken off is shown for a
while, as ``disassociating``), DisassociateIamInstanceProfile; EC2 User Guide, "Instance metadata": credentials that
were given out stay valid until they expire.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .... import arn
from ...model import Call, Resource, Step
from ...permission import Permission
from ._ec2 import INSTANCES, by_filter

if TYPE_CHECKING:
    from ....aws.client import Aws

PROFILE = "instance profile"
PERMISSIONS = (
    Permission("iam:GetInstanceProfile", "arn:aws:iam::*:instance-profile/*"),
    Permission("ec2:DescribeIamInstanceProfileAssociations"),
    Permission("ec2:DisassociateIamInstanceProfile", INSTANCES),
    Permission("ec2:AssociateIamInstanceProfile", INSTANCES),
    Permission(
        "iam:PassRole",
        "arn:aws:iam::*:role/*",
        # In China EC2 goes by the second name, as its roles' trust policies have it.
        ("StringEquals", "iam:PassedToService", "ec2.amazonaws.com", "ec2.amazonaws.com.cn"),
        implied=True,
    ),
)


_ASSOCIATIONS = by_filter(
    "describe_iam_instance_profile_associations", "IamInstanceProfileAssociations", "instance-id", "InstanceId"
)


def profile_of(resource: Resource, aws: Aws) -> dict[str, str] | None:
    """ARN and association; None where the instance has no profile."""
    for one in aws.read_bulk(_ASSOCIATIONS, arn.name_of(resource.id), resource.region):
        if one["State"] in ("associating", "associated"):
            return {"Arn": str(one["IamInstanceProfile"]["Arn"]), "AssociationId": str(one["AssociationId"])}
    return None


def take_off(resource: Resource, state: Mapping[str, Any]) -> list[Step]:
    profile = state[PROFILE]
    if not profile:
        return []
    off = {"AssociationId": profile["AssociationId"]}
    on = {"InstanceId": arn.name_of(resource.id), "IamInstanceProfile": {"Arn": profile["Arn"]}}
    return [
        Step(
            PROFILE,
            {"Arn": profile["Arn"]},
            None,
            Call("ec2", "disassociate_iam_instance_profile", off),
            Call("ec2", "associate_iam_instance_profile", on),
        )
    ]
