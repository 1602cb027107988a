"""Cut one network interface off: to a security group without rules.

Facts: EC2 API Reference, DescribeNetworkInterfaces, ModifyNetworkInterfaceAttribute (Groups replaces the list, which is
never empty; interfaces that a service manages refuse the change).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....findings.claims import Claim, texts_of
from ...model import Observation, Resource, Step, Target
from . import _interfaces, _quarantine
from . import _own_groups as own_groups

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety


class SwapInterfaceGroups(_quarantine.Quarantine):
    """Moves one network interface to a security group without rules, made for it (`cloudtrail-responder-eni-...`).

    For findings about an interface, as those of flow logs. Interfaces that a service manages (load balancers, NAT
    gateways, databases, Lambda) cannot be moved; the playbook says what to do instead. Whatever protects the instance
    that it is attached to protects the interface, too. The interface of an instance whose role is this app's is
    refused.
    """

    id = "swap_interface_groups"
    title = "Quarantine network interface"
    accepts = ("AWS::EC2::NetworkInterface",)
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "nothing: `object_id` is the interface's id"
    services = ("ec2", "iam")
    permissions = (*_interfaces.READ, *own_groups.PERMISSIONS)
    risk = "high"
    risk_note = (
        f"Whatever is reached over the interface is down. {_quarantine.TRACKED} Other interfaces of the same machine "
        "stay as they are: isolate the instance to cut off all of them."
    )
    undo_note = "Puts the former groups back, and deletes the quarantine group."
    already = own_groups.ALREADY

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (Claim("network interface", _interfaces.interface_in(finding), texts_of),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (Target(_interfaces.interface_in(finding), finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, found = _interfaces.read_interface(target, aws)
        return Observation(resource, _state(resource, found, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return _state(resource, _interfaces.described(resource.target, aws), aws)

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        interface = arn.name_of(seen.resource.id)
        _interfaces.refuse_managed(interface, seen.state)
        return self.quarantine_steps({interface: seen.state["vpc"]}, seen)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Move network interface {arn.name_of(resource.id)} to a security group without rules."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        return [f"{_interfaces.who_uses(arn.name_of(resource.id), state)} {_quarantine.TRACKED}"]


def _state(resource: Resource, found: Mapping[str, Any], aws: Aws) -> dict[str, Any]:
    interfaces = [(arn.name_of(resource.id), str(found["VpcId"]), found["Groups"])]
    return {
        **_interfaces.use_of(found),
        **_quarantine.quarantine_state(_quarantine.group_name(resource), interfaces, resource.region, aws),
    }
