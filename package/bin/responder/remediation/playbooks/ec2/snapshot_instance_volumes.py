"""Keep the disks of an instance for the investigation: a snapshot of each volume.

Facts: EC2 API Reference, CreateSnapshots (of all EBS volumes of an instance at one moment, consistent as after a power
cut; instance-store volumes are not in it; encrypted volumes need rights on their key), DescribeSnapshots.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ...model import Call, Observation, Resource, Step, tags_of
from ...permission import Permission
from . import _ec2
from ._instances import OnInstances

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

#: Tags of a snapshot: by them a repetition finds what was taken already.
CASE, INSTANCE = "cloudtrail-responder-case", "cloudtrail-responder-instance"
_ASPECT = "snapshots for case "


class SnapshotInstanceVolumes(OnInstances):
    """Takes a snapshot of each EBS volume of an instance, all of one moment, tagged with instance and case.

    Run it before the instance is stopped or terminated. A case takes them once: a repetition finds them by their tags.
    """

    id = "snapshot_instance_volumes"
    title = "Snapshot instance volumes"
    required_fields = ("vendor_account", "vendor_region", "object_id", "dedup_key")
    services = ("ec2",)
    permissions = (
        Permission("ec2:DescribeInstances"),
        Permission("ec2:DescribeSnapshots"),
        Permission("ec2:CreateSnapshots", _ec2.INSTANCES),
        Permission("ec2:CreateSnapshots", "arn:aws:ec2:*:*:volume/*"),
        Permission("ec2:CreateSnapshots", "arn:aws:ec2:*::snapshot/*"),
        # Tags may be set on the snapshots that the same call creates, never on what exists.
        Permission(
            "ec2:CreateTags",
            "arn:aws:ec2:*::snapshot/*",
            ("StringEquals", "ec2:CreateAction", "CreateSnapshots"),
            implied=True,
        ),
    )
    risk = "low"
    risk_note = "Snapshots cost money until somebody deletes them. Disks are slower for a moment."
    undoable = False
    undo_note = ""

    def state_of(self, resource: Resource, described: Mapping[str, Any], aws: Aws) -> Mapping[str, Any]:
        volumes = [one["Ebs"]["VolumeId"] for one in described.get("BlockDeviceMappings", ()) if one.get("Ebs")]
        return {**self.state(resource, aws), "volumes": sorted(volumes)}

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        instance = arn.name_of(resource.id)
        filters = [{"Name": f"tag:{INSTANCE}", "Values": [instance]}]
        asked = {"Filters": filters, "OwnerIds": [resource.account]}
        found = aws.read_all("Snapshots", "ec2", "describe_snapshots", resource.region, **asked)
        state: dict[str, Any] = {}
        for one in found:
            case = tags_of(one.get("Tags", ())).get(CASE)
            if case and one.get("State") != "error":
                state.setdefault(f"{_ASPECT}{case}", []).append(str(one["SnapshotId"]))
        return {aspect: sorted(ids) for aspect, ids in state.items()}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        case = hashlib.sha256(finding.dedup_key.encode()).hexdigest()[:20]
        aspect, volumes, instance = f"{_ASPECT}{case}", seen.state["volumes"], arn.name_of(seen.resource.id)
        if seen.state.get(aspect):
            return ()
        if not volumes:
            raise InvalidFinding(
                f"Instance {instance} has no EBS volume, so there is nothing to take a snapshot of.",
                "Copy what is on its instance-store volumes while it runs.",
            )
        tags = [{"Key": CASE, "Value": case}, {"Key": INSTANCE, "Value": instance}]
        parameters = {
            "InstanceSpecification": {"InstanceId": instance},
            "Description": f"Evidence of {instance} (CloudTrail Responder for Splunk)",
            "TagSpecifications": [{"ResourceType": "snapshot", "Tags": tags}],
        }
        taken = [f"of {volume}" for volume in volumes]
        return (Step(aspect, None, taken, Call("ec2", "create_snapshots", parameters)),)

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        """They are there or not."""
        return bool(one) == bool(other)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        (step,) = steps
        count = len(step.after or step.before or ())
        return f"Take a snapshot of {count} volume{'s' * (count != 1)} of instance {arn.name_of(resource.id)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        ids = [snapshot for aspect in aspects for snapshot in state.get(aspect) or ()]
        return f"Snapshots of instance {arn.name_of(resource.id)}: {', '.join(ids) or 'none'}."
