"""Take out of a role's trust policy whom it must not trust.

Facts: IAM API Reference, UpdateAssumeRolePolicy (an empty list of statements is ``MalformedPolicyDocument``); IAM User
Guide, "AWS JSON policy elements: Principal" (an account by its id or by its root ARN; ``*``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.claims import Claim
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
    undo_note = "Writes the trust policy back that was there."
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
        wanted, outsider = set(documents.lines_of(_found(finding))), _outsider(finding)
        if not wanted & set(seen.state[TRUST]):
            return ()
        document = documents.parse(_trust(seen.resource, aws))
        if document is None:
            raise InvalidFinding("The role's trust policy cannot be read.", "Look at it in IAM.")
        kept = []
        for statement in documents.statements(document):
            is_found = documents.line(statement) in wanted and statement.get("Effect") == "Allow"
            rest = _without(statement, outsider) if is_found else statement
            kept += [rest] if rest else []
        after = documents.joined(kept or [NOBODY], document)
        back = _update(seen.resource, document)
        return (Step(TRUST, seen.state[TRUST], documents.lines(after), _update(seen.resource, after), back),)

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
    named = principal.get("AWS") or []
    listed = [str(one) for one in (named if isinstance(named, list) else [named])]
    rest = [one for one in listed if _account(one) != outsider]
    others = {kind: value for kind, value in principal.items() if kind != "AWS"}
    if len(rest) == len(listed) or not (rest or others):
        return None
    return {**statement, "Principal": {**others, **({"AWS": rest} if rest else {})}}


def _account(principal: str) -> str:
    named = arn.parse(principal)
    return named.account if named else principal


def _trust(resource: Resource, aws: Aws) -> Any:
    role = aws.read("iam", "get_role", RoleName=arn.name_of(resource.id))["Role"]
    return role["AssumeRolePolicyDocument"]


def _update(resource: Resource, document: documents.Document) -> Call:
    given = {"RoleName": arn.name_of(resource.id), "PolicyDocument": documents.text(document)}
    return Call("iam", "update_assume_role_policy", given)
