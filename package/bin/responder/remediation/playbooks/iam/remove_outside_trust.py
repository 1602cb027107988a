"""Take out of a role's trust policy whom it must not trust.

Facts: IAM API Reference, UpdateAssumeRolePolicy (an empty list of statements is ``MalformedPolicyDocument``); IAM User
Guide, "AWS JSON policy elements: Principal" (an account by its id or by its root ARN; ``*``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.claims import Claim
from ....policy_documents import living
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from . import _documents as documents
from . import _entities as entities
from ._entities import ROLE, ROLES

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

TRUST = "Trust policy"
#: Where nobody is left: IAM takes no empty policy.
NOBODY = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


class RemoveOutsideTrust(entities.OnEntity):
    """Takes out of a role's trust policy what the call that was found has put there, and nothing else.

    Of a statement that trusts others, too, only the outside account is taken out; a statement that trusts nobody else
    is removed. Where no statement is left, one takes its place that denies everybody: IAM takes no empty trust policy.
    Statements that are not in the policy any more are left alone. Sessions that are open go on: `end_live_sessions`
    ends them.
    """

    id = "remove_outside_trust"
    title = "Remove outside trust"
    accepts = (ROLE.type,)
    required_fields = ("vendor_account", "object_id")
    detail_note = "`statements`: of the trust policy, as the call wrote them; `outside_account`: whom to take out"
    services = ("iam",)
    permissions = (*entities.reading(ROLE), Permission("iam:UpdateAssumeRolePolicy", ROLES))
    risk = "medium"
    risk_note = (
        "Whoever is taken out can no longer open a session of the role: a vendor or a pipeline, if it was meant. "
        "Accounts of your own belong into the lookup responder_accounts."
    )
    undo_note = "Writes the trust policy back that was there, but for users and roles that were deleted meanwhile."
    regional = False

    def claims(self, finding: Finding) -> Sequence[Claim]:
        _, role = entities.named_in(finding, ROLE)

        def values_in(record: CloudTrailRecord) -> Iterator[str]:
            for path in ("requestParameters.policyDocument", "requestParameters.assumeRolePolicyDocument"):
                document = documents.parse(entities.at(record, path))
                if document is not None and entities.is_about(record, ROLE, role):
                    yield from (f"{role}: {line}" for line in documents.lines(document))

        return [Claim("trust statement", f"{role}: {line}", values_in) for line in documents.lines_of(_found(finding))]

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        _found(finding)
        _outsider(finding)
        return (entities.target_of(*entities.named_in(finding, ROLE), aws),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, role = entities.read(target.id, aws)
        entities.refuse_roles_of_aws(resource)
        return Observation(resource, {TRUST: documents.lines(role["AssumeRolePolicyDocument"])})

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return {TRUST: documents.lines(_trust(resource, aws))}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        document = documents.parse(_trust(seen.resource, aws))
        if document is None:
            raise InvalidFinding("The role's trust policy cannot be read.", "Look at it in IAM.")
        outsider, before = _outsider(finding), living(documents.statements(document))
        is_found = _found_among(before, _found(finding), outsider)
        kept = []
        for statement in before:
            rest = _without(statement, outsider) if is_found(statement) else statement
            kept += [rest] if rest else []
        if kept == before:
            return ()
        after = documents.joined(kept or [NOBODY], document)
        forth, back = (_update(seen.resource, one) for one in (after, documents.joined(before, document)))
        return (Step(TRUST, seen.state[TRUST], documents.lines(after), forth, back),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        (step,) = steps
        gone = [line for line in step.before if line not in step.after]
        return f"Take out of the trust policy of {entities.entity_words(resource)}: {'; '.join(gone)[:400]}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"Trust policy of {entities.entity_words(resource)}: {'; '.join(state[TRUST])}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        return entities.used_words(resource, aws)


def _found(finding: Finding) -> list[Mapping[str, Any]]:
    found = documents.given_statements(finding.detail.get("statements"))
    if not found:
        raise InvalidFinding(
            "The finding names no statement of the trust policy.", "Let the search set detail.statements to them."
        )
    return found


def _found_among(
    statements: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]], outsider: str
) -> Callable[[Mapping[str, Any]], bool]:
    """Which of a policy's statements the finding is about: of one that is not there whole, what is left of it.

    Several findings may be about one statement, each about another account: the first takes its own out.
    """
    there = {documents.line(statement) for statement in statements}
    whole = there.intersection(documents.lines_of(found))
    rest = [one for one in found if documents.line(one) not in whole]

    def is_left(statement: Mapping[str, Any]) -> bool:
        return any(documents.is_left_of(statement, one) and _still_trusts(statement, one, outsider) for one in rest)

    return lambda statement: statement.get("Effect") == "Allow" and (
        documents.line(statement) in whole or is_left(statement)
    )


def _still_trusts(statement: Mapping[str, Any], written: Mapping[str, Any], outsider: str) -> bool:
    """Whether what is left trusts those whom the finding is about: an account, else everybody or a provider."""
    if outsider:
        return any(_account(one) == outsider for one in _accounts_in(statement))
    meant = {one for one in documents.principals(written) if one == "*" or one.startswith("Federated ")}
    return bool(meant) and meant <= documents.principals(statement)


def _outsider(finding: Finding) -> str:
    """An account id; empty where the statements are removed whole."""
    outsider = finding.detail.get("outside_account") or ""
    if outsider in ("", "*"):
        return ""
    if not isinstance(outsider, str) or not outsider.isdigit() or len(outsider) != 12:
        raise InvalidFinding(f"'{str(outsider)[:40]}' is no account id.", "Correct detail.outside_account.")
    if outsider == finding.vendor_account:
        raise InvalidFinding("The account to be taken out is the role's own.", "Correct detail.outside_account.")
    return outsider


def _without(statement: Mapping[str, Any], outsider: str) -> Mapping[str, Any] | None:
    """The statement without an account; None where it trusts nobody else, or where it does not name the account."""
    principal = statement.get("Principal")
    if not outsider or not isinstance(principal, Mapping):
        return None
    listed = _accounts_in(statement)
    rest = [one for one in listed if _account(one) != outsider]
    others = {kind: value for kind, value in principal.items() if kind != "AWS"}
    if len(rest) == len(listed) or not (rest or others):
        return None
    return {**statement, "Principal": {**others, **({"AWS": rest} if rest else {})}}


def _accounts_in(statement: Mapping[str, Any]) -> list[str]:
    """The principals of a statement that are AWS's, as it writes them."""
    principal = statement.get("Principal")
    named = (principal.get("AWS") or []) if isinstance(principal, Mapping) else []
    return [str(one) for one in (named if isinstance(named, list) else [named])]


def _account(principal: str) -> str:
    named = arn.parse(principal)
    return named.account if named else principal


def _trust(resource: Resource, aws: Aws) -> Any:
    role = aws.read("iam", "get_role", RoleName=arn.name_of(resource.id))["Role"]
    return role["AssumeRolePolicyDocument"]


def _update(resource: Resource, document: documents.Document) -> Call:
    given = {"RoleName": arn.name_of(resource.id), "PolicyDocument": documents.text(document)}
    return Call("iam", "update_assume_role_policy", given)
