"""Stop sharing a machine image with everyone, an account or an organization.

Facts: EC2 API Reference, ModifyImageAttribute (``LaunchPermission``), DescribeImageAttribute; EC2 User Guide, "Share an
AMI" (its snapshots are shared apart; instances that run go on).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .... import arn
from ...model import Call, Resource
from ...permission import Permission
from ...shares import EVERYONE
from ._shares import Ec2Shares, Listing

if TYPE_CHECKING:
    from ....aws.client import Aws

IMAGES = "arn:aws:ec2:*::image/*"
KINDS = ("Group", "UserId", "OrganizationArn", "OrganizationalUnitArn")


class MakeImagePrivate(Ec2Shares):
    """Takes back the share of a machine image (AMI) that the event made: with everyone, an account that is not yours,
    or an organization whose management account is not yours.

    Yours are the accounts of the AWS accounts tab and of the lookups `responder_accounts` and
    `responder_trusted_accounts`. Other shares stay, and so do shares of the image's snapshots, which are made apart.
    """

    id = "make_image_private"
    title = "Make image private"
    accepts = ("AWS::EC2::Image",)
    permissions = (
        Permission("ec2:DescribeImages"),
        Permission("ec2:DescribeImageAttribute", IMAGES),
        Permission("ec2:ModifyImageAttribute", IMAGES),
    )
    risk = "low"
    risk_note = "Whoever it was shared with can no longer launch it: their scaling groups fail. Copies stay."
    kind, prefix = "image", "ami-"
    listing = Listing(
        "describe_images",
        "ImageIds",
        "Images",
        "CreationDate",
        "ImageId",
        {"Owners": ("self",), "ExecutableUsers": (EVERYONE,)},
    )
    event_names = ("ModifyImageAttribute",)
    resource_paths = ("imageId",)

    def shared_with(self, resource: Resource, aws: Aws) -> Sequence[str]:
        about = {"ImageId": arn.name_of(resource.id), "Attribute": "launchPermission"}
        found = aws.read("ec2", "describe_image_attribute", resource.region, **about)["LaunchPermissions"]
        return [str(one[kind]) for one in found for kind in KINDS if one.get(kind)]

    def share(self, resource: Resource, name: str, shared: bool) -> Call:
        unit = "OrganizationalUnitArn" if ":ou/" in name else "OrganizationArn"
        kind = "Group" if name == EVERYONE else unit if arn.parse(name) else "UserId"
        changed = {"Add" if shared else "Remove": [{kind: name}]}
        return Call("ec2", "modify_image_attribute", {"ImageId": arn.name_of(resource.id), "LaunchPermission": changed})
