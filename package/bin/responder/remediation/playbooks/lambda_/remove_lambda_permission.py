"""Take back the statement that lets an outsider use a Lambda function.

Facts: see ``_lambda``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....errors import InvalidFinding
from ....findings.lambda_claims import statement as statement_claim
from ...made import Made
from ...model import Observation, Resource, Step, Target
from ...permission import Permission
from ...playbook import Playbook
from . import _lambda

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.claims import Claim
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety


def _taken_back(record: CloudTrailRecord) -> Iterator[Mapping[str, Any]]:
    for named in _lambda.named_by(record):
        asked = {name: next(record.parameters(name), "") for name in ("statementId", "principal", "qualifier")}
        given = {"statement": asked["statementId"], "principal": asked["principal"], "qualifier": asked["qualifier"]}
        yield {**named, "detail": {"statements": [given]}}


class RemoveLambdaPermission(Playbook):
    """Removes from a function's policy the statements that an event added, if they still let the same principal in.

    Other statements stay. Permissions of layers are left alone.
    """

    id = "remove_lambda_permission"
    title = "Remove Lambda permission"
    accepts = ("AWS::Lambda::Function",)
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    detail_note = '`statements`: a list of `{"statement", "principal", "qualifier"}` as the event has them'
    services = ("lambda",)
    deleted_by = ("DeleteFunction20150331",)
    permissions = (
        *_lambda.READ,
        Permission("lambda:GetPolicy", _lambda.FUNCTIONS),
        Permission("lambda:RemovePermission", _lambda.FUNCTIONS),
        Permission("lambda:AddPermission", _lambda.FUNCTIONS),
    )
    takes_back = (Made("lambda", ("AddPermission",), _taken_back),)
    risk = "medium"
    risk_note = "Whoever was let in by the statement, as a partner's account, can no longer call the function."
    undo_note = "Adds the statements again, with their conditions."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return [statement_claim(_lambda.function_in(finding), one) for one in _wanted(finding)]

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        qualifiers = dict.fromkeys(_lambda.qualifier_in(one) for one in _wanted(finding))
        name = _lambda.function_in(finding)
        # A policy belongs to an alias or version, or to the function itself.
        return [Target(f"{name}:{one}" if one else name, finding.vendor_region) for one in qualifiers]

    def read(self, target: Target, aws: Aws) -> Observation:
        _, function = _lambda.read_function(target, aws)
        qualifier = _qualifier(target.id)
        resource = Resource(**{**vars(function), "id": f"{function.id}:{qualifier}" if qualifier else function.id})
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        name, qualifier = _lambda.name_in(resource.id), _qualifier(resource.id)
        found = _lambda.statements(name, qualifier, resource.region, aws)
        return {f"statement {sid}": statement for sid, statement in found.items()}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        name, qualifier = _lambda.name_in(seen.resource.id), _qualifier(seen.resource.id)
        steps = {}
        for wanted in _wanted(finding):
            aspect = f"statement {wanted['statement']}"
            now = seen.state.get(aspect)
            same = now and _lambda.principal_of(now) == _lambda.spelled(wanted["principal"])
            if now and same and _lambda.qualifier_in(wanted) == qualifier:
                call, undo = _lambda.remove(name, qualifier, now), _lambda.put_back(name, qualifier, now)
                steps[aspect] = Step(aspect, now, None, call, undo)
        return list(steps.values())

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        if one is None or other is None:
            return one is other
        return _lambda.words(one) == _lambda.words(other) and one.get("Condition") == other.get("Condition")

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        named = ", ".join(f"{step.aspect} ({_lambda.words(step.before or step.after)})" for step in steps)
        return f"Remove {named} from the policy of function {_lambda.name_in(resource.id)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        there = ", ".join(aspect for aspect in aspects if state.get(aspect))
        return f"The policy of function {_lambda.name_in(resource.id)} has {there or 'none of the statements'}."


def _qualifier(text: str) -> str:
    """Of a function's ARN or name."""
    return text.partition(":function:")[2].partition(":")[2] if ":function:" in text else text.partition(":")[2]


def _wanted(finding: Finding) -> Sequence[Mapping[str, Any]]:
    """Raises InvalidFinding unless every statement that is named is whole."""
    listed = finding.detail.get("statements")
    found = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, (list, tuple)) else []
    whole = all(_lambda.SID.fullmatch(str(one.get("statement"))) and one.get("principal") for one in found)
    if not found or not whole:
        raise InvalidFinding(
            "The finding does not say which statements were added.",
            'Let the search set detail to {"statements": [{"statement", "principal", "qualifier"}]}.',
        )
    return found
