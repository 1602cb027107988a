"""IAM's policy simulator, which moto lacks: a principal's own policies, by action, resource and conditions.

Facts: IAM API Reference, SimulatePrincipalPolicy (``PolicySourceArn`` is a user, group or role; a session is none).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.models import iam_backends

from sandbox.aws.double import Refused, World


def _simulate(parameters: Mapping[str, Any], world: World) -> dict[str, Any]:
    policies = [IAMPolicy(policy) for policy in _policies(str(parameters["PolicySourceArn"]), world)]
    context = {one["ContextKeyName"]: one["ContextKeyValues"][0] for one in parameters.get("ContextEntries", ())}
    results = []
    for action in parameters["ActionNames"]:
        for resource in parameters.get("ResourceArns") or ["*"]:
            decision = _decision(policies, action, resource, context)
            results.append({"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": decision})
    return {"EvaluationResults": results, "IsTruncated": False}


def _decision(policies: Iterable[IAMPolicy], action: str, resource: str, context: dict[str, str]) -> str:
    found = [_result(policy, action, resource, context) for policy in policies]
    if PermissionResult.DENIED in found:
        return "explicitDeny"
    return "allowed" if PermissionResult.PERMITTED in found else "implicitDeny"


def _result(policy: IAMPolicy, action: str, resource: str, context: dict[str, str]) -> PermissionResult:
    """moto takes a statement whose condition is not met for a denial; it says nothing instead."""
    statements = policy._policy_json["Statement"]
    results = []
    for statement in statements if isinstance(statements, list) else [statements]:
        conditions = statement.get("Condition", {}).get("StringEquals", {})
        if all(context.get(key) in ([one] if isinstance(one, str) else one) for key, one in conditions.items()):
            plain = {key: value for key, value in statement.items() if key != "Condition"}
            one = IAMPolicy(json.dumps({"Statement": [plain]}))
            results.append(one.is_action_permitted(action, resource))
    for decided in (PermissionResult.DENIED, PermissionResult.PERMITTED):
        if decided in results:
            return decided
    return PermissionResult.NEUTRAL


def _policies(source: str, world: World) -> list[Any]:
    iam = iam_backends[world.account]["aws"]
    _, _, resource = source.partition(f"arn:aws:iam::{world.account}:")
    kind, _, path = resource.partition("/")
    name = path.rpartition("/")[2]
    if kind == "role":
        role = next((one for one in iam.roles.values() if one.arn == source), None)
        if role is None:
            raise Refused("NoSuchEntity", f"{source} does not exist")
        return [*role.policies.values(), *role.managed_policies.values()]
    if kind == "user" and name in iam.users:
        user = iam.users[name]
        return [*({"policy_document": text} for text in user.policies.values()), *user.managed_policies.values()]
    raise Refused("InvalidInput", f"{source} is no user or role of account {world.account}")


DOUBLES = {("iam", "SimulatePrincipalPolicy"): _simulate}
