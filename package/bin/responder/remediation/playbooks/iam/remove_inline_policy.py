"""Take back the inline policy that was written into a user, role or group.

Facts: IAM API Reference, Put-, Get- and Delete-User-, Role- and GroupPolicy (a policy of the same name is replaced, and
AWS keeps no earlier version).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding, RefusedByGuardrail
from ...made import Made, Turn
from ...model import Call, Observation, Resource, Step
from ...permission import Permission
from . import _documents as documents
from . import _entities as entities
from ._entities import KINDS
from ._grants import PolicyGrant

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety


def _taken_back(record: CloudTrailRecord) -> Iterator[Mapping[str, Any]]:
    about = entities.entity_at(record)
    written = documents.parse(entities.at(record, "requestParameters.policyDocument"))
    found = [dict(statement) for statement in documents.statements(written)] if written else []
    for policy in record.parameters("policyName") if about else ():
        yield {**entities.names(about), "detail": {"policy_name": policy, "statements": found}}


class RemoveInlinePolicy(PolicyGrant):
    """Puts back the version that the inline policy had before, or deletes the policy where it had none.

    The earlier version is that of the newest call before what was found that wrote a policy of this name into the same
    user, role or group, within the 90 days of CloudTrail. Other inline policies are not touched, and neither is this
    one where the statements that were found are no longer in it. A policy that only denies, as the quarantine of this
    app, is never taken away. The document is kept as evidence.
    """

    id = "remove_inline_policy"
    title = "Remove inline policy"
    detail_note = "`policy_name`: the inline policy that was written; `statements` of it that were found, if any"
    permissions = (
        *entities.reading(*KINDS),
        *(Permission(f"iam:List{kind.name.title()}Policies", kind.resources) for kind in KINDS),
        *(
            Permission(f"iam:{verb}{kind.name.title()}Policy", kind.resources)
            for kind in KINDS
            for verb in ("Get", "Put", "Delete")
        ),
    )
    takes_back = (Made("iam", entities.calls("Put{}Policy"), _taken_back, Turn.RIGHTS),)
    risk = "medium"
    risk_note = (
        "Whoever has come to need what the policy grants is denied; of a group that is every member. If the policy is "
        "older than 90 days and was only changed, its earlier version is not known, and it is deleted whole."
    )
    undo_note = "Writes the document back that was there."
    gives, takes, policy_path = "Put", "Delete", "requestParameters.policyName"

    def policy_in(self, finding: Finding) -> str:
        policy = entities.word_in(finding, "policy_name", "inline policy")
        if len(policy) > 128 or not all(c.isascii() and (c.isalnum() or c in "+=,.@_-") for c in policy):
            raise InvalidFinding(f"'{policy[:80]}' is no name of an inline policy.", "Correct detail.policy_name.")
        return policy

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        kind, name = entities.kind_of(resource.id), arn.name_of(resource.id)
        listed = aws.read_all("PolicyNames", "iam", f"list_{kind.name}_policies", **{kind.parameter: name})
        found = ((str(policy), _document(resource, str(policy), aws)) for policy in listed)
        return {policy: documents.lines(document) for policy, document in found if document is not None}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        policy, resource = self.policy_in(finding), seen.resource
        before = seen.state.get(policy)
        if before is None or not _is_in(before, finding):
            return ()
        earlier = self._earlier(seen, policy)
        after = None if earlier is None else documents.lines(earlier)
        if after == before:
            return ()
        document = documents.parse(_document(resource, policy, aws))
        if document is None:
            raise InvalidFinding(f"Policy {policy} is no policy document.", "Look at it in IAM.")
        if documents.only_denies(document):
            raise RefusedByGuardrail(
                f"Inline policy {policy} of {entities.entity_words(resource)} grants nothing, it only denies.",
                "If it should go all the same, delete it by hand.",
            )
        call = _delete(resource, policy) if earlier is None else _put(resource, policy, earlier)
        return (Step(policy, before, after, call, _put(resource, policy, document)),)

    def _earlier(self, seen: Observation, policy: str) -> documents.Document | None:
        record = next(self.calls_before(seen, policy), None)
        if record is None or not record.event_name.startswith("Put"):
            return None
        return documents.parse(entities.at(record, "requestParameters.policyDocument"))

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        gone = ", ".join(step.aspect for step in steps if step.after is None)
        back = ", ".join(step.aspect for step in steps if step.after is not None)
        parts = [f"delete inline policy {gone}"] if gone else []
        parts += [f"put back the earlier version of inline policy {back}"] if back else []
        text = ", and ".join(parts)
        return f"{text[:1].upper()}{text[1:]} of {entities.entity_words(resource)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        who = entities.entity_words(resource)
        said = (f"{one}: {'; '.join(state[one])}" if state.get(one) else f"{one} is not there" for one in aspects)
        return f"Inline policies of {who}: {', '.join(said)}."

    def others(self, count: int) -> str:
        return f"There {'is' if count == 1 else 'are'} {count} inline polic{'y' if count == 1 else 'ies'} in all."


def _is_in(now: Sequence[str], finding: Finding) -> bool:
    """Whether a statement that was found is in the policy; so it is, too, where none can be compared."""
    try:
        found = documents.lines_of(documents.given_statements(finding.detail.get("statements")))
    except InvalidFinding:
        return True
    return not found or any(line in now for line in found)


def _document(resource: Resource, policy: str, aws: Aws) -> Any:
    kind, given = _named(resource, policy)
    answer = aws.read_if(("NoSuchEntity",), "iam", f"get_{kind}_policy", **given)
    return None if answer is None else answer["PolicyDocument"]


def _put(resource: Resource, policy: str, document: documents.Document) -> Call:
    kind, given = _named(resource, policy)
    return Call("iam", f"put_{kind}_policy", {**given, "PolicyDocument": documents.text(document)})


def _delete(resource: Resource, policy: str) -> Call:
    kind, given = _named(resource, policy)
    return Call("iam", f"delete_{kind}_policy", given)


def _named(resource: Resource, policy: str) -> tuple[str, dict[str, Any]]:
    kind = entities.kind_of(resource.id)
    return kind.name, {kind.parameter: arn.name_of(resource.id), "PolicyName": policy}
