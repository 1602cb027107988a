"""What quarantining a user and a role share.

Facts: IAM User Guide, "Permissions boundaries for IAM entities" (an explicit Deny in one counts as any other, also
against what resource policies allow; a boundary takes no part of any quota of policies); AWS Managed Policy Reference,
AWSDenyAll (in every partition).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import NotPermitted
from ....findings.successes import Contained
from ...model import Observation, Resource, Step, Target
from ...permission import Permission
from . import _boundaries as boundaries
from . import _documents as documents
from . import _entities as entities
from . import _inline_room as inline_room
from ._boundaries import BOUNDARY
from ._entities import Kind
from ._inline_deny import InlineDeny
from ._inline_deny import needed as needed_for_inline

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

__all__ = ["DENY_ALL", "POLICY", "Quarantine", "needed"]

POLICY = "CloudTrailResponder-Quarantine"
DENY_ALL: documents.Document = {
    "Version": documents.VERSION,
    "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}],
}


def needed(kind: Kind) -> tuple[Permission, ...]:
    return (*needed_for_inline(kind), inline_room.permission(kind), *boundaries.permissions(kind))


class Quarantine(InlineDeny):
    policy_name = POLICY
    aspect = f"Inline policy {POLICY}"
    undo_note = (
        "Removes the policy, or puts back the one that had the same name. In the same way it removes the permissions "
        "boundary, or puts back the one that was there."
    )

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, found = entities.read(target.id, aws)
        entities.refuse_roles_of_aws(resource)
        return Observation(resource, {**super().state(resource, aws), BOUNDARY: boundaries.boundary_in(found)})

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        found = entities.found(resource.id, aws)
        return {**super().state(resource, aws), BOUNDARY: boundaries.boundary_in(found)}

    def wanted(self, finding: Finding) -> tuple[Any, documents.Document]:
        return documents.lines(DENY_ALL), DENY_ALL

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        now, deny = seen.state[BOUNDARY], _deny_all(seen.resource)
        if now == deny:
            return ()
        steps = super().steps(finding, seen, aws, safety)
        if not steps or _has_room(seen.resource, aws):
            return steps
        forth, back = (boundaries.put(seen.resource, one) for one in (deny, now))
        return (Step(BOUNDARY, now, deny, forth, back),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        said = f"Deny everything to {entities.entity_words(resource)}"
        if any(step.aspect == BOUNDARY for step in steps):
            most = f"{inline_room.most(resource):,}"
            return f"{said} by the permissions boundary AWSDenyAll: its inline policies fill the {most} characters."
        return f"{said}."

    def contains(self, resource: Resource) -> Contained | None:
        return Contained(entities.entity_words(resource), principals=(resource.id,))

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        if BOUNDARY in aspects:
            return boundaries.words(resource, state[BOUNDARY])
        now, who = state[self.aspect], entities.entity_words(resource)
        if now is None:
            return f"The {who} has no inline policy {POLICY}."
        return f"Inline policy {POLICY} of {who}: {'; '.join(now)}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        return [*super().blast_radius(resource, state, aws), *inline_room.words(resource, aws, POLICY)]


def _deny_all(resource: Resource) -> str:
    named = arn.parse(resource.id)
    return f"arn:{named.partition if named else 'aws'}:iam::aws:policy/AWSDenyAll"


def _has_room(resource: Resource, aws: Aws) -> bool:
    try:
        return not inline_room.missing(DENY_ALL, resource, aws, POLICY)
    except NotPermitted:
        # AWS itself says so, then, and waits for a person.
        return True
