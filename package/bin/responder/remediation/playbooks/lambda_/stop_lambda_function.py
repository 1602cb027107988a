"""Stop a Lambda function from running at all.

Facts: Lambda API Reference, PutFunctionConcurrency (0 throttles every call), DeleteFunctionConcurrency; Lambda
Developer Guide, "Configuring reserved concurrency" (100 have to stay unreserved, so the way back may be refused).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....findings.lambda_claims import function_call
from ...made import Made
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from ...playbook import Playbook
from . import _lambda

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.claims import Claim
    from ....findings.finding import Finding
    from ....settings.model import Safety

RESERVED = "reserved concurrency"
_CALLS = (
    "CreateFunction",
    "UpdateFunctionCode",
    "UpdateFunctionConfiguration",
    "AddPermission",
    "CreateFunctionUrlConfig",
    "UpdateFunctionUrlConfig",
)


class StopLambdaFunction(Playbook):
    """Sets a function's reserved concurrency to 0, so that nobody can run it, until somebody has looked at its code.

    Code, role and triggers stay as they are.
    """

    id = "stop_lambda_function"
    title = "Stop Lambda function"
    accepts = ("AWS::Lambda::Function", "AWS::Lambda::Url")
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "nothing: `object_id` is the function's name or ARN"
    services = ("lambda",)
    deleted_by = ("DeleteFunction20150331",)
    permissions = (
        *_lambda.READ,
        Permission("lambda:GetFunctionConcurrency", _lambda.FUNCTIONS),
        Permission("lambda:ListEventSourceMappings", optional=True),
        Permission("lambda:PutFunctionConcurrency", _lambda.FUNCTIONS),
        Permission("lambda:DeleteFunctionConcurrency", _lambda.FUNCTIONS),
    )
    takes_back = (Made("lambda", ("CreateFunction",), _lambda.named_by),)
    risk = "high"
    risk_note = (
        "Whatever calls the function is refused. Queues and streams wait and may drop what grows too old; calls that "
        "nobody waits for are tried again for hours, then dropped."
    )
    undo_note = "Reserves what was reserved before, or nothing. AWS refuses that where the account has too little left."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (function_call(_lambda.function_in(finding), *_CALLS),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (_lambda.target_of(finding),)

    def read(self, target: Target, aws: Aws) -> Observation:
        _, resource = _lambda.read_function(target, aws)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        name = {"FunctionName": _lambda.name_in(resource.id)}
        answer = aws.read("lambda", "get_function_concurrency", resource.region, **name)
        return {RESERVED: answer.get("ReservedConcurrentExecutions")}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        now, name = seen.state[RESERVED], {"FunctionName": _lambda.name_in(seen.resource.id)}
        if now == 0:
            return ()
        stop, back = (
            Call("lambda", "put_function_concurrency", {**name, "ReservedConcurrentExecutions": number})
            for number in (0, now)
        )
        undo = back if now is not None else Call("lambda", "delete_function_concurrency", name)
        return (Step(RESERVED, now, 0, stop, undo),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Stop function {_lambda.name_in(resource.id)}: no call of it may run."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        reserved = state[RESERVED]
        has = "no reserved concurrency" if reserved is None else f"reserved concurrency {reserved}"
        return f"Function {_lambda.name_in(resource.id)} has {has}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        name = _lambda.name_in(resource.id)
        found = aws.read("lambda", "list_event_source_mappings", resource.region, FunctionName=name)
        sources = [str(one.get("EventSourceArn")) for one in found["EventSourceMappings"]]
        if not sources:
            return [f"No queue, stream or table feeds {name}; services and URLs may call it all the same."]
        return [f"{len(sources)} event source{'s' * (len(sources) != 1)} feed {name}: {', '.join(sources[:5])}."]
