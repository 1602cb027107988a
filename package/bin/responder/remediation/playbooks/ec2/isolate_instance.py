"""Cut an instance off: every network interface to a security group without rules, and its role taken away.

Facts: EC2 API Reference, ModifyInstanceAttribute (its Groups is for instances with one interface only, so each
interface is changed by itself), DisassociateIamInstanceProfile, AssociateIamInstanceProfile (needs ``iam:PassRole``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ...model import Observation, Resource, Step
from ...permission import Permission
from . import _ec2, _quarantine
from . import _own_groups as own_groups
from ._instances import OnInstances
from ._profile import PERMISSIONS as PROFILE_PERMISSIONS
from ._profile import PROFILE, profile_of, take_off

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety


class IsolateInstance(OnInstances, _quarantine.Quarantine):
    """Moves every network interface of an instance to a security group without rules, and takes its role away.

    The group is the instance's own (`cloudtrail-responder-i-...`), one in each VPC that it has an interface in. The
    instance keeps running, so memory and disks can still be examined; nobody reaches it over the network, Systems
    Manager included. The instance profile is taken off, so that it gets no new credentials of its role; those that it
    has are good until they expire: revoke the role's sessions, too. An instance whose role is this app's is refused.
    """

    id = "isolate_instance"
    title = "Isolate instance"
    services = ("ec2", "iam")
    stops_it = True
    permissions = (Permission("ec2:DescribeInstances"), *PROFILE_PERMISSIONS, *own_groups.PERMISSIONS)
    risk = "high"
    risk_note = (
        f"Whatever the instance serves is down. {_quarantine.TRACKED} A load balancer finds it unhealthy; an Auto "
        "Scaling group may terminate and replace it, and with it the traces. What runs on it loses the role's rights."
    )
    undo_note = "Puts the former groups and the instance profile back, and deletes the quarantine group."
    already = (*own_groups.ALREADY, "InvalidAssociationID.NotFound", "IncorrectState")

    def state_of(self, resource: Resource, described: Mapping[str, Any], aws: Aws) -> Mapping[str, Any]:
        interfaces = [
            (str(one["NetworkInterfaceId"]), str(one["VpcId"]), one["Groups"])
            for one in described.get("NetworkInterfaces", ())
        ]
        name = _quarantine.group_name(resource)
        return {
            "interfaces": {interface: vpc for interface, vpc, _ in interfaces},
            **_quarantine.quarantine_state(name, interfaces, resource.region, aws),
            PROFILE: profile_of(resource, aws),
        }

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        moves = self.quarantine_steps(seen.state["interfaces"], seen)
        return [*moves, *take_off(seen.resource, seen.state)]

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        moved = [step.aspect[len("groups of ") :] for step in steps if step.aspect.startswith("groups of ")]
        parts = [f"move {', '.join(moved)} to a security group without rules"] if moved else []
        parts += ["take its instance profile off"] if any(step.aspect == PROFILE for step in steps) else []
        parts = parts or ["prepare a security group without rules"]
        return f"Isolate instance {arn.name_of(resource.id)}: {', and '.join(parts)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        profile = state[PROFILE]
        said = super().describe(resource, state, aspects)
        has = arn.name_of(profile["Arn"]) if profile else "no instance profile"
        return f"Instance {arn.name_of(resource.id)} has {has}; {said}"

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        if aspect == PROFILE:
            return bool((one or {}).get("Arn") == (other or {}).get("Arn"))
        return super().same(aspect, one, other)

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        interfaces = state.get("interfaces", {})
        return [
            f"{arn.name_of(resource.id)} has {len(interfaces)} network interface{'s' * (len(interfaces) != 1)}; "
            f"clients, load balancers and Systems Manager no longer reach it. {_quarantine.TRACKED}",
            *_ec2.who_misses(resource.tags),
        ]
