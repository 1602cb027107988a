"""Stop sharing an EBS snapshot with everyone, or with an account.

Facts: EC2 API Reference, ModifySnapshotAttribute (one kind of entry in a call), DescribeSnapshotAttribute; EBS User
Guide, "Share an Amazon EBS snapshot" (copies that others have made stay theirs).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .... import arn
from ....errors import NotFound
from ...named import names_no
from ...playbook import Call, Observation, Permission, Resource, Target, tags_of
from ...shares import EVERYONE, Shares

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding

SNAPSHOTS = "arn:aws:ec2:*::snapshot/*"


class MakeSnapshotPrivate(Shares):
    """Takes back the share of an EBS snapshot that the event made: with everyone, or with an account that is not yours.

    Yours are the accounts of the AWS accounts tab and of the lookups `responder_accounts` and
    `responder_trusted_accounts`. Other shares stay. Copies that were made meanwhile stay where they are.
    """

    id = "make_snapshot_private"
    title = "Make snapshot private"
    accepts = ("AWS::EC2::Snapshot",)
    services = ("ec2",)
    permissions = (
        Permission("ec2:DescribeSnapshots"),
        Permission("ec2:DescribeSnapshotAttribute", SNAPSHOTS),
        Permission("ec2:ModifySnapshotAttribute", SNAPSHOTS),
    )
    risk = "low"
    risk_note = "Whoever it was shared with can no longer make volumes or copies of it. Their copies stay."
    kind = "snapshot"
    event_service = "ec2"
    event_names = ("ModifySnapshotAttribute",)
    resource_paths = ("snapshotId",)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        snapshot = arn.name_of(finding.object_id)
        if not snapshot.startswith("snap-"):
            raise names_no("snapshot", finding, "id")
        return (Target(snapshot, finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        snapshot, region = arn.name_of(target.id), target.region
        found = aws.read("ec2", "describe_snapshots", region, SnapshotIds=[snapshot])["Snapshots"]
        if not found:
            raise NotFound(f"Snapshot {snapshot} does not exist (any more) in {region}.")
        resource = Resource(
            id=f"arn:{aws.identity().partition}:ec2:{region}::snapshot/{snapshot}",
            type="AWS::EC2::Snapshot",
            account=str(found[0]["OwnerId"]),
            region=region,
            tags=tags_of(found[0].get("Tags") or ()),
        )
        return Observation(resource, self.state(resource, aws))

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
