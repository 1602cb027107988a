"""What the playbooks on a trail's selectors share: they put back what the trail had before one call changed it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....findings.claims import Claim, resource_at
from ....findings.past_calls import PastCalls
from ...model import Observation, Resource, Target
from ...playbook import Playbook
from ._trails import TRAIL, described, resource_of, target_in

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding


class RestoreSelectors(Playbook):
    accepts = (TRAIL,)
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "nothing: `object_id` is the trail's name or ARN"
    services = ("cloudtrail",)
    deleted_by = ("DeleteTrail",)
    #: The only aspect of the state.
    aspect: str
    #: The call that sets them.
    event_name: str

    @abstractmethod
    def selectors(self, resource: Resource, aws: Aws) -> Any:
        """Those that the trail has now."""

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (resource_at(finding.object_id, "cloudtrail", "trailName"),)

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls((self.event_name, "CreateTrail"), arn.name_of(finding.object_id))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (target_in(finding, aws),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource = resource_of(described(aws, target), aws)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return {self.aspect: self.selectors(resource, aws)}
