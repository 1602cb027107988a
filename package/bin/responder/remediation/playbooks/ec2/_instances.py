"""What the playbooks on instances share: which ones a finding means, and how each is read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....settings.model import AGE
from ...model import Measured, Observation, Resource, Target, epoch_of
from ...playbook import Playbook
from . import _ec2

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.claims import Claim
    from ....findings.finding import Finding


class OnInstances(Playbook):
    accepts = ("AWS::EC2::Instance",)
    required_fields: tuple[str, ...] = ("vendor_account", "vendor_region", "object_id")
    detail_note = "`instances`, if it is there: more instances of the same event, a list or a text with blanks between"
    #: Whether it stops what the instance does: then it matters whether this app runs on it, by the instance's role.
    stops_it = False
    measures: tuple[str, ...] = (AGE,)

    @abstractmethod
    def state_of(self, resource: Resource, described: Mapping[str, Any], aws: Aws) -> Mapping[str, Any]:
        """The state, of what EC2 says of the instance."""

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return _ec2.instance_claims(finding)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return _ec2.instance_targets(finding)

    def read(self, target: Target, aws: Aws) -> Observation:
        owner, described = _ec2.read_instance(target, aws)
        roles = _ec2.roles_of(described, aws) if self.stops_it else ()
        resource = _ec2.instance_resource(owner, described, target.region, aws, roles)
        return Observation(resource, self.state_of(resource, described, aws))

    def measure(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Measured:
        """Since its first disk was attached: ``LaunchTime`` is that of its last start."""
        described = _ec2.read_instance(resource.target, aws)[1]
        disks = [disk.get("Ebs", {}).get("AttachTime") for disk in described.get("BlockDeviceMappings", ())]
        times = [at for at in map(epoch_of, (described.get("LaunchTime"), *disks)) if at is not None]
        return Measured(created_at=min(times, default=None))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return self.state_of(resource, _ec2.read_instance(resource.target, aws)[1], aws)
