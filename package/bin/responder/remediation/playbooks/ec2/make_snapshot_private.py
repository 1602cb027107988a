"""Stop sharing an EBS snapshot with everyone, or with an account.

Facts: EC2 API Reference, ModifySnapshotAttribute (one kind of entry in a call), DescribeSnapshotAttribute; EBS User
Guide, "Share an Amazon EBS snapshot" (copies that others have made stay theirs).
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

SNAPSHOTS = "arn:aws:ec2:*::snapshot/*"


class MakeSnapshotPrivate(Ec2Shares):
    """Takes back the share of an EBS snapshot that the event made: with everyone, or with an account that is not yours.

    Yours are the accounts of the AWS accounts tab and of the lookups `responder_accounts` and
    `responder_trusted_accounts`. Other shares stay. Copies that were made meanwhile stay where they are.
    """

    id = "make_snapshot_private"
    title = "Make snapshot private"
    accepts = ("AWS::EC2::Snapshot",)
    permissions = (
        Permission("ec2:DescribeSnapshots"),
        Permission("ec2:DescribeSnapshotAttribute", SNAPSHOTS),
        Permission("ec2:ModifySnapshotAttribute", SNAPSHOTS),
    )
    risk = "low"
    risk_note = "Whoever it was shared with can no longer make volumes or copies of it. Their copies stay."
    kind, prefix = "snapshot", "snap-"
    listing = Listing(
        "describe_snapshots",
        "SnapshotIds",
        "Snapshots",
        "StartTime",
        "SnapshotId",
        {"OwnerIds": ("self",), "RestorableByUserIds": (EVERYONE,)},
    )
    event_names = ("ModifySnapshotAttribute",)
    resource_paths = ("snapshotId",)

    def shared_with(self, resource: Resource, aws: Aws) -> Sequence[str]:
        about = {"SnapshotId": arn.name_of(resource.id), "Attribute": "createVolumePermission"}
        found = aws.read("ec2", "describe_snapshot_attribute", resource.region, **about)
        return [str(one.get("Group") or one.get("UserId")) for one in found["CreateVolumePermissions"]]

    def share(self, resource: Resource, name: str, shared: bool) -> Call:
        whom = {"GroupNames": [EVERYONE]} if name == EVERYONE else {"UserIds": [name]}
        parameters = {
            "SnapshotId": arn.name_of(resource.id),
            "Attribute": "createVolumePermission",
            "OperationType": "add" if shared else "remove",
            **whom,
        }
        return Call("ec2", "modify_snapshot_attribute", parameters)
