"""Detach the managed policy that was attached to a user, role or group.

Facts: IAM API Reference, Attach- and Detach-User-, Role- and GroupPolicy (attaching what is attached is no error;
detaching what is not is ``NoSuchEntity``), ListAttached...Policies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding, RefusedByGuardrail
from ...made import Made, Turn
from ...model import Call, Observation, Resource, Step
from ...permission import Permission
from . import _documents as documents
from . import _entities as entities
from ._entities import KINDS, Kind
from ._grants import PolicyGrant

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

ATTACHED = "attached"
POLICIES = "arn:aws:iam::*:policy/*"
_POLICY = re.compile(r"arn:[a-z0-9-]+:iam::(aws|\d{12}):policy/[\w+=,.@/-]{1,512}", re.ASCII)


def _permissions(kind: Kind) -> tuple[Permission, ...]:
    name = kind.name.title()
    listing = (Permission(f"iam:ListAttached{name}Policies", kind.resources),)
    return (*listing, *(Permission(f"iam:{verb}{name}Policy", kind.resources) for verb in ("Attach", "Detach")))


def _taken_back(record: CloudTrailRecord) -> Iterator[Mapping[str, Any]]:
    about = entities.entity_at(record)
    for policy in record.parameters("policyArn") if about else ():
        yield {**entities.names(about), "detail": {"policy_arn": policy}}


class DetachGrantedPolicy(PolicyGrant):
    """Detaches from a user, role or group the managed policy that was attached to it, and no other.

    Where CloudTrail of the last 90 days says that the policy was attached before what was found, and not detached
    since, the call that was found granted nothing, and the playbook leaves it to a person. A policy that only denies is
    never detached: it would set free whom it is there to stop. The policy itself stays.
    """

    id = "detach_granted_policy"
    title = "Detach granted policy"
    detail_note = "`policy_arn`: the policy that was attached"
    permissions = (
        *entities.reading(*KINDS),
        *(one for kind in KINDS for one in _permissions(kind)),
        Permission("iam:GetPolicy", POLICIES),
        Permission("iam:GetPolicyVersion", POLICIES),
    )
    takes_back = (Made("iam", entities.calls("Attach{}Policy"), _taken_back, Turn.RIGHTS),)
    risk = "medium"
    risk_note = (
        "Whoever has come to need the policy since it was attached is denied; of a group that is every member. Open "
        "sessions lose it, too. Infrastructure as code may attach it again."
    )
    undo_note = "Attaches the policy again."
    gives, takes, policy_path = "Attach", "Detach", "requestParameters.policyArn"

    def policy_in(self, finding: Finding) -> str:
        policy = entities.word_in(finding, "policy_arn", "policy")
        if not _POLICY.fullmatch(policy):
            raise InvalidFinding(f"'{policy[:80]}' is no ARN of a managed policy.", "Correct detail.policy_arn.")
        return policy

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        kind, name = entities.kind_of(resource.id), arn.name_of(resource.id)
        operation = f"list_attached_{kind.name}_policies"
        listed = aws.read_all("AttachedPolicies", "iam", operation, **{kind.parameter: name})
        return {str(policy["PolicyArn"]): ATTACHED for policy in listed}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        policy, resource = self.policy_in(finding), seen.resource
        if policy not in seen.state:
            return ()
        before = next(self.calls_before(seen, policy), None)
        if before is not None and before.event_name.startswith("Attach"):
            raise InvalidFinding(
                f"{policy} was attached to {entities.entity_words(resource)} before, by event {before.event_id[:64]}: "
                "what was found granted nothing new.",
                "If it should not have the policy, detach it by hand.",
            )
        if _only_denies(policy, aws):
            raise RefusedByGuardrail(
                f"{policy} grants nothing, it only denies.", "If it should go all the same, detach it by hand."
            )
        kind = entities.kind_of(resource.id)
        given = {kind.parameter: arn.name_of(resource.id), "PolicyArn": policy}
        detach, attach = (Call("iam", f"{verb}_{kind.name}_policy", given) for verb in ("detach", "attach"))
        return (Step(policy, ATTACHED, None, detach, attach),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        policies = ", ".join(step.aspect for step in steps)
        return f"Detach {policies} from {entities.entity_words(resource)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        attached = [aspect for aspect in aspects if state.get(aspect)]
        has = f"has {', '.join(attached)}" if attached else f"does not have {', '.join(aspects)}"
        return f"The {entities.entity_words(resource)} {has}."

    def others(self, count: int) -> str:
        return f"{count} managed polic{'y is' if count == 1 else 'ies are'} attached in all."


def _only_denies(policy: str, aws: Aws) -> bool:
    version = aws.read("iam", "get_policy", PolicyArn=policy)["Policy"]["DefaultVersionId"]
    answer = aws.read("iam", "get_policy_version", PolicyArn=policy, VersionId=version)
    document = documents.parse(answer["PolicyVersion"]["Document"])
    return document is not None and documents.only_denies(document)
