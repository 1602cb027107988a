"""What the playbooks on policies of a user, role or group share: whose policy it is, and which calls gave it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....findings.claims import Claim
from ....findings.past_calls import PastCalls
from ...model import Observation, Resource, Target
from . import _entities as entities
from ._entities import KINDS

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding


class PolicyGrant(entities.OnEntity):
    """Takes a policy back that a call gave to a user, role or group. Each policy is an aspect of its own."""

    accepts = tuple(kind.type for kind in KINDS)
    required_fields = ("vendor_account", "object_id")
    services = ("iam",)
    regional = False
    #: The calls that give the policy and take it: ``AttachUserPolicy`` of ``Attach``.
    gives: str
    takes: str
    #: Where these calls name the policy.
    policy_path: str

    @abstractmethod
    def policy_in(self, finding: Finding) -> str:
        """Name or ARN of the policy that the finding means. Raises InvalidFinding."""

    def claims(self, finding: Finding) -> Sequence[Claim]:
        kind, name = entities.named_in(finding, *KINDS)
        events = (f"{self.gives}{kind.name.title()}Policy",)
        return (entities.claim_of("policy", kind, name, self.policy_in(finding), events, self.policy_path),)

    def past(self, finding: Finding) -> PastCalls | None:
        kind, name = entities.named_in(finding, *KINDS)
        return PastCalls(tuple(f"{verb}{kind.name.title()}Policy" for verb in (self.gives, self.takes)), name)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        self.policy_in(finding)
        return (entities.target_of(*entities.named_in(finding, *KINDS), aws),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, _ = entities.read(target.id, aws)
        entities.refuse_roles_of_aws(resource)
        return Observation(resource, self.state(resource, aws))

    def calls_before(self, seen: Observation, policy: str) -> Iterator[CloudTrailRecord]:
        """Those of earlier days that gave or took the policy, newest first."""
        kind, name = entities.kind_of(seen.resource.id), arn.name_of(seen.resource.id)
        about = (record for record in seen.past if entities.is_about(record, kind, name))
        return (record for record in about if entities.at(record, self.policy_path) == policy)

    @abstractmethod
    def others(self, count: int) -> str:
        """Of how many policies it is one."""

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        users = [*entities.members_words(resource), *entities.used_words(resource, aws)]
        return [*users, self.others(len(state))]
