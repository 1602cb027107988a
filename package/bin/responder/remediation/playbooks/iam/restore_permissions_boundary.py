"""Put back the permissions boundary that was taken from a user or role.

Facts: IAM API Reference, CreateUser and CreateRole (which may set one); the record of a deletion does not say which it
was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.claims import Claim
from ....findings.past_calls import PastCalls
from ...made import Made, Turn
from ...model import Observation, Resource, Step, Target
from ...permission import Permission
from ...playbook import Playbook
from . import _boundaries as boundaries
from . import _entities as entities
from ._boundaries import BOUNDARY
from ._entities import ROLE, USER, Kind

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

POLICIES = "arn:aws:iam::*:policy/*"
_POLICY = re.compile(r"arn:[a-z0-9-]+:iam::(aws|\d{12}):policy/[\w+=,.@/-]{1,512}", re.ASCII)


def _taken_back(record: CloudTrailRecord) -> Iterator[Mapping[str, Any]]:
    about = entities.entity_at(record)
    if about:
        detail = {"boundary": entities.at(record, "requestParameters.permissionsBoundary")}
        yield {**entities.names(about), "detail": detail}


class RestorePermissionsBoundary(Playbook):
    """Sets the permissions boundary that a user or role had before it was removed or replaced.

    Which one that was, CloudTrail of the last 90 days says: the newest call before what was found that set one, when
    the user or role was made or later. Where it does not say, or the policy is gone, a person has to choose one. Where
    the boundary is not as the call that was found left it, somebody has set another since; it is left alone.
    """

    id = "restore_permissions_boundary"
    title = "Restore permissions boundary"
    accepts = (USER.type, ROLE.type)
    required_fields = ("vendor_account", "object_id")
    detail_note = "`boundary`: the policy that was set instead; empty where the boundary was removed"
    services = ("iam",)
    permissions = (
        *entities.reading(USER, ROLE),
        Permission("iam:GetPolicy", POLICIES),
        *boundaries.permissions(USER, ROLE),
    )
    takes_back = (
        Made("iam", entities.calls("Put{}PermissionsBoundary", USER, ROLE), _taken_back, Turn.RIGHTS),
        Made("iam", entities.calls("Delete{}PermissionsBoundary", USER, ROLE), _taken_back, Turn.RIGHTS),
    )
    risk = "medium"
    risk_note = "The user or role can do no more than the boundary allows again, also in sessions that are open."
    undo_note = "Sets the boundary that was there, or removes it where there was none."
    regional = False
    proved_on = "moto, which has no boundaries of users: a double answers those calls"

    def claims(self, finding: Finding) -> Sequence[Claim]:
        kind, name = entities.named_in(finding, USER, ROLE)
        what = f"{kind.name} {name}: "

        def values_in(record: CloudTrailRecord) -> Iterable[str]:
            is_it = entities.is_about(record, kind, name) and record.event_name in _events(kind)
            return (what + entities.at(record, "requestParameters.permissionsBoundary"),) if is_it else ()

        return (Claim("boundary", what + _set_instead(finding), values_in),)

    def past(self, finding: Finding) -> PastCalls | None:
        kind, name = entities.named_in(finding, USER, ROLE)
        return PastCalls((f"Create{kind.name.title()}", *_events(kind)), name)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        _set_instead(finding)
        return (entities.target_of(*entities.named_in(finding, USER, ROLE), aws),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, found = entities.read(target.id, aws)
        entities.refuse_roles_of_aws(resource)
        return Observation(resource, _state(found))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return _state(entities.found(resource.id, aws))

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        now, who = seen.state[BOUNDARY], entities.entity_words(seen.resource)
        if (now or "") != _set_instead(finding):
            return ()
        former = _former(seen)
        if not former or former == now:
            raise InvalidFinding(
                f"Which permissions boundary {who} had before is not in CloudTrail's last 90 days.",
                "Set it by hand: infrastructure as code, or a user or role like it, may say which.",
            )
        if aws.read_if(("NoSuchEntity",), "iam", "get_policy", PolicyArn=former) is None:
            raise InvalidFinding(
                f"{former}, which was the permissions boundary of {who}, does not exist any more.",
                "Make the policy again, or set another boundary by hand.",
            )
        forth, back = (boundaries.put(seen.resource, one) for one in (former, now))
        return (Step(BOUNDARY, now, former, forth, back),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        (step,) = steps
        return f"Set the permissions boundary of {entities.entity_words(resource)} to {step.after}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return boundaries.words(resource, state[BOUNDARY])

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        return entities.used_words(resource, aws)


def _events(kind: Kind) -> tuple[str, str]:
    name = f"{kind.name.title()}PermissionsBoundary"
    return f"Put{name}", f"Delete{name}"


def _state(found: Mapping[str, Any]) -> dict[str, Any]:
    return {BOUNDARY: boundaries.boundary_in(found)}


def _set_instead(finding: Finding) -> str:
    value = finding.detail.get("boundary") or ""
    if not isinstance(value, str) or (value and not _POLICY.fullmatch(value)):
        raise InvalidFinding(f"'{str(value)[:80]}' is no ARN of a policy.", "Correct detail.boundary.")
    return value


def _former(seen: Observation) -> str:
    kind, name = entities.kind_of(seen.resource.id), arn.name_of(seen.resource.id)
    newest: CloudTrailRecord | None = next((r for r in seen.past if entities.is_about(r, kind, name)), None)
    policy = entities.at(newest, "requestParameters.permissionsBoundary") if newest else ""
    return policy if _POLICY.fullmatch(policy) else ""
