"""Takes out of a resource policy what lets outsiders in, as far as the finding's event put it there.

What is outside is decided in ``policy_documents``; each playbook says where its service keeps the policy.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import arn, policy_documents
from ..errors import InvalidFinding
from ..findings.claims import Claim
from ..findings.policy_claims import permission_added, statements_set
from .model import Call, Observation, Resource, Step
from .playbook import Playbook

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..findings.finding import Finding
    from ..settings.model import Safety

POLICY = "Policy"
#: The policy as AWS gives it: what is written back by undo. No step changes it by itself.
TEXT = "PolicyText"
#: Characters of a statement in a sentence.
LONGEST = 240


class OutsideStatements(Playbook):
    """A playbook that takes statements out of the policy of one resource."""

    asks_accounts = True
    required_fields: tuple[str, ...] = ("vendor_account", "object_id", "detail")
    detail_note = "`statements`: the statements of the policy that let outsiders in, as the event has them"
    undo_note = "Puts the former policy back, word for word but for users and roles that were deleted meanwhile."
    #: What people call the resource: ``bucket``.
    kind: str
    #: Where CloudTrail has the resource and the policy, in which calls of which service.
    event_service: str
    event_names: tuple[str, ...]
    resource_paths: tuple[str, ...]
    policy_paths: tuple[str, ...]
    #: Where AddPermission, which adds a statement by its label, has the accounts; empty where there is no such call.
    granted_paths: tuple[str, ...] = ()

    @abstractmethod
    def policy_of(self, resource: Resource, aws: Aws) -> str | None:
        """The policy as AWS has it now, as text; None where there is none."""

    @abstractmethod
    def put(self, resource: Resource, policy: str | None, aws: Aws, back: bool) -> Call:
        """The call that sets the policy, or removes it. ``back`` where it is the way back."""

    def name_of(self, resource: Resource) -> str:
        return arn.name_of(resource.id)

    def kept(self, policy: Mapping[str, Any], kept: list[policy_documents.Statement], resource: Resource) -> str | None:
        """The policy that is left, as text; None where it can be removed as a whole."""
        return policy_documents.with_statements(policy, kept) if kept else None

    def claims(self, finding: Finding) -> Sequence[Claim]:
        resource, service, at = finding.object_id, self.event_service, self.resource_paths
        label = _label(finding)
        if label and self.granted_paths:
            return permission_added(resource, service, at, self.granted_paths, label, _granted_to(finding))
        return statements_set(resource, service, self.event_names, at, self.policy_paths, _wanted(finding))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        text = self.policy_of(resource, aws)
        policy = policy_documents.parsed(text) if text else None
        return {POLICY: policy_documents.lines(policy), TEXT: text or None}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        text = seen.state[TEXT]
        policy = policy_documents.parsed(text) if text else None
        if policy is None:
            return ()
        statements = policy_documents.statements(policy)
        is_meant = self._meant(finding, statements)
        kept: list[policy_documents.Statement] = []
        for statement in statements:
            left = self._left_of(statement, seen) if is_meant(statement) else statement
            kept += [left] if left is not None else []
        after = self.kept(policy, policy_documents.living(kept), seen.resource)
        before, then = seen.state[POLICY], policy_documents.lines(policy_documents.parsed(after) if after else None)
        if before == then:
            return ()
        forth = self.put(seen.resource, after, aws, back=False)
        back = self.put(seen.resource, policy_documents.as_taken(text), aws, back=True)
        return (Step(POLICY, before, then, forth, back),)

    def _meant(
        self, finding: Finding, statements: Sequence[policy_documents.Statement]
    ) -> Callable[[policy_documents.Statement], bool]:
        """Which statements the finding is about: those that its event has, or the one that its event added.

        Of a statement that is not there as the event has it, what is left of it.
        """
        label = _label(finding)
        if label and self.granted_paths:
            return lambda statement: statement.get("Sid") == label
        whole, rest = list[Mapping[str, Any]](), list[Mapping[str, Any]]()
        for one in _wanted(finding):
            is_whole = any(policy_documents.same_statement(statement, one) for statement in statements)
            (whole if is_whole else rest).append(one)
        return lambda statement: (
            any(policy_documents.same_statement(statement, one) for one in whole)
            or any(policy_documents.is_left_of(statement, one) for one in rest)
        )

    def _left_of(self, statement: policy_documents.Statement, seen: Observation) -> policy_documents.Statement | None:
        found = policy_documents.outsiders(statement, seen.known_accounts)
        if found.unclear:
            raise InvalidFinding(
                f"The policy of {self.kind} {self.name_of(seen.resource)} has a statement that no rule fits: "
                f"{found.unclear}.",
                "Read it, and write down whom it should allow instead, by hand.",
            )
        return policy_documents.without_outsiders(statement, seen.known_accounts) if found else statement

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        (step,) = steps
        gone, new = _difference(step.before, step.after), _difference(step.after, step.before)
        said = f"Take out of the policy of {self.kind} {self.name_of(resource)}: {shown(gone)}"
        said += f"; put instead: {shown(new)}" if new else ""
        stay = len(_statements(step.after)) - len(new)
        return f"{said}. {stay or 'No'} other {'statement stays' if stay == 1 else 'statements stay'}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        found = _statements(state[POLICY])
        if not found:
            return f"{self.kind.capitalize()} {self.name_of(resource)} has no policy."
        return f"The policy of {self.kind} {self.name_of(resource)} is: {shown(found)}."


def _label(finding: Finding) -> str:
    return str(finding.detail.get("label") or "")


def _granted_to(finding: Finding) -> str:
    return str(finding.detail.get("granted_to") or "")


def _wanted(finding: Finding) -> Sequence[Mapping[str, Any]]:
    """The statements the finding is about. Raises InvalidFinding where it names none, or not all of one."""
    listed = finding.detail.get("statements")
    found = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    if not found:
        raise InvalidFinding(
            "The finding does not say which statements let outsiders in.",
            'Let the search set detail to {"statements": [...]}, as the event has them.',
        )
    if any("Truncated" in one for one in found):
        raise InvalidFinding(
            "A statement is too long for the finding, so it cannot be told from the others.",
            "Take it out of the policy by hand; the event has it whole.",
        )
    return found


def _statements(lines: Sequence[str] | None) -> list[str]:
    return [line for line in lines or () if not line.startswith("version ")]


def _difference(one: Sequence[str] | None, other: Sequence[str] | None) -> list[str]:
    return [line for line in _statements(one) if line not in (other or ())]


def shown(lines: Sequence[str]) -> str:
    return " | ".join(line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..." for line in lines[:5]) or "nothing"
