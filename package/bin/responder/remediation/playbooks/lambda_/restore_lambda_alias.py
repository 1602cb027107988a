"""Have an alias of a Lambda function run the version again that it ran before.

Facts: Lambda API Reference, GetAlias, UpdateAlias (``RoutingConfig`` replaces all weights); a published version never
changes, so what it runs is known by its number. What `$LATEST` ran before AWS does not keep.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....errors import InvalidFinding
from ....findings.lambda_claims import alias as alias_claim
from ....findings.lambda_claims import weights_in
from ....findings.past_calls import PastCalls
from ...last_known import newest, request_of, response_of, unknown
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from ...playbook import Playbook
from . import _lambda

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.claims import Claim
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

VERSION = "version"
EVENTS = ("CreateAlias20150331", "UpdateAlias20150331")
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")
#: What an event may have set: an alias runs `$LATEST`, too.
_SET = re.compile(rf"\$LATEST|{_NUMBER.pattern}")
_ABSENT = ("ResourceNotFoundException",)


class RestoreLambdaAlias(Playbook):
    """Has an alias of a function run the published version again that it ran before the event.

    Which one that was AWS does not say, so it is read from the CloudTrail index, 90 days back. A published version
    never changes. One that was deleted, and code of `$LATEST`, nobody can bring back but whoever has it: deploy it
    again, and stop the function until then (`stop_lambda_function`). An alias that runs something else now than what
    the event set was changed since, and stays.
    """

    id = "restore_lambda_alias"
    title = "Restore Lambda alias"
    accepts = ("AWS::Lambda::Function", "AWS::Lambda::Alias")
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    detail_note = (
        "`alias`: the name of the alias that was changed; `version`: what the event had it run; `weights`: the weights "
        "of other versions beside it as an object, as in the event's answer, if it has any"
    )
    services = ("lambda",)
    deleted_by = ("DeleteFunction20150331", "DeleteAlias20150331")
    permissions = (
        *_lambda.READ,
        Permission("lambda:GetAlias", _lambda.FUNCTIONS),
        Permission("lambda:UpdateAlias", _lambda.FUNCTIONS),
    )
    risk = "medium"
    risk_note = "Whoever calls the alias gets the former version, also where the new one was meant."
    undo_note = "Has the alias run what it ran after the event."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        runs = _set(finding)
        version, weights = runs["FunctionVersion"], runs["AdditionalVersionWeights"]
        return (alias_claim(_lambda.function_in(finding), _alias(finding), version, weights),)

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls(EVENTS, _lambda.function_in(finding))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        _set(finding)
        return (Target(f"{_lambda.function_in(finding)}:{_alias(finding)}", finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        name = _qualifier(target.id)
        _, function = _lambda.read_function(target, aws)
        resource = Resource(**{**vars(function), "id": f"{function.id}:{name}", "type": "AWS::Lambda::Alias"})
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        named = {"FunctionName": _lambda.name_in(resource.id), "Name": _qualifier(resource.id)}
        found = aws.read("lambda", "get_alias", resource.region, **named)
        weights = (found.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        return {VERSION: _runs(str(found["FunctionVersion"]), weights)}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        function, name, now = _lambda.name_in(seen.resource.id), _qualifier(seen.resource.id), seen.state[VERSION]
        if now != _set(finding):
            return ()
        here = [one for one in seen.past if one.service == "lambda" and one.region == seen.resource.region]
        former = newest(finding, here, lambda record: _former(record, function, name))
        if former is None:
            raise unknown(f"alias {name} of function {function}")
        if former == now:
            return ()
        for version in (former["FunctionVersion"], *former["AdditionalVersionWeights"]):
            asked = _lambda.of(function, version)
            if aws.read_if(_ABSENT, "lambda", "get_function_configuration", seen.resource.region, **asked) is None:
                raise InvalidFinding(
                    f"Version {version} of function {function}, which alias {name} ran before, was deleted.",
                    "Deploy its code again; stop_lambda_function stops the function until then.",
                )
        # By its ARN: guardrails know what calls name, and an alias's own ARN is none that a function is protected by.
        whole = seen.resource.id.rpartition(":")[0]
        return (Step(VERSION, now, former, _update(whole, name, former), _update(whole, name, now)),)

    def why_nothing(self, finding: Finding, seen: Observation) -> str:
        now, then = seen.state[VERSION], _set(finding)
        if now == then:
            return ""
        name = _qualifier(seen.resource.id)
        return f"alias {name} was changed since: it runs {_words(now)}, and not {_words(then)} as after the event."

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        (step,) = steps
        return (
            f"Have alias {_qualifier(resource.id)} of function {_lambda.name_in(resource.id)} run {_words(step.after)} "
            f"again, and not {_words(step.before)}."
        )

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        function = _lambda.name_in(resource.id)
        return f"Alias {_qualifier(resource.id)} of function {function} runs {_words(state[VERSION])}."


def _alias(finding: Finding) -> str:
    """Raises InvalidFinding."""
    named = _lambda.qualifier_in({"qualifier": finding.detail.get("alias")})
    if not named or named.isdigit() or named.startswith("$"):
        raise InvalidFinding(
            "The finding does not say which alias was changed.", "Let the search set alias in detail to its name."
        )
    return named


def _set(finding: Finding) -> dict[str, Any]:
    """What the event had the alias run. Raises InvalidFinding."""
    version, weights = str(finding.detail.get("version") or ""), _weights(finding.detail.get("weights"))
    if weights is None or not all(map(_SET.fullmatch, (version, *weights))):
        raise InvalidFinding(
            "The finding does not say which version the event had the alias run.",
            "Let the search set version in detail to functionVersion of the event's responseElements, and weights to "
            "routingConfig.additionalVersionWeights there, if it has any.",
        )
    return _runs(version, weights)


def _weights(given: Any) -> dict[str, float] | None:
    """By version; a search may give the object as one text. None for what are no weights."""
    try:
        found = json.loads(given) if isinstance(given, str) and given else given or {}
        return {str(key): float(value) for key, value in found.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _qualifier(text: str) -> str:
    """Of a function's ARN or name."""
    return text.rpartition(":")[2]


def _runs(version: str, weights: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "FunctionVersion": version,
        "AdditionalVersionWeights": {str(key): float(value) for key, value in sorted(weights.items())},
    }


def _former(record: CloudTrailRecord, function: str, name: str) -> dict[str, Any] | None:
    """What a call had the alias run; the answer says all of it. Raises ValueError for one that is not whole."""
    asked, answered = request_of(record), response_of(record)
    if _lambda.name_in(str(asked.get("functionName"))) != function:
        return None
    if str(asked.get("name") or answered.get("name")) != name:
        return None
    version, weights = str(answered.get("functionVersion") or ""), weights_in(answered)
    if not all(map(_NUMBER.fullmatch, (version, *map(str, weights)))):
        raise ValueError("it names no published version")
    return _runs(version, weights)


def _update(function: str, name: str, runs: Mapping[str, Any]) -> Call:
    routing = {"AdditionalVersionWeights": runs["AdditionalVersionWeights"]}
    version = runs["FunctionVersion"]
    named = {"FunctionName": function, "Name": name, "FunctionVersion": version, "RoutingConfig": routing}
    return Call("lambda", "update_alias", named)


def _words(runs: Mapping[str, Any]) -> str:
    beside = [f"{weight:.0%} version {key}" for key, weight in runs["AdditionalVersionWeights"].items()]
    return f"version {runs['FunctionVersion']}" + (f" (and {', '.join(beside)})" if beside else "")
