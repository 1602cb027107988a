"""Executions of Automation runbooks of Systems Manager, which moto lacks.

Facts: Systems Manager API Reference, ``StartAutomationExecution`` (the same ``ClientToken`` and parameters answer with
the same execution; other parameters are ``IdempotentParameterMismatch``; parameters that the runbook does not declare
are ``InvalidAutomationExecutionParametersException``) and ``DescribeAutomationExecutions`` (filters).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import yaml
from moto.ssm.models import ssm_backends

from sandbox.aws.double import Answer, Refused, World

#: Runbooks of Amazon's own, each with the parameters that it declares.
OWNED_BY_AMAZON = {"AWS-StopEC2Instance": {"InstanceId", "AutomationAssumeRole"}}


def executions_of(world: World) -> dict[str, dict[str, Any]]:
    """By id: what ``describe`` shows, and ``parameters``, ``token`` and ``tags``."""
    found: dict[str, dict[str, Any]] = world.keep("ssm_automations")
    return found


def start(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    parameters, token = given.get("Parameters") or {}, given.get("ClientToken") or str(uuid.uuid4())
    for execution_id, known in executions_of(world).items():
        if known["token"] == token.lower():
            if known["parameters"] != parameters:
                raise Refused("IdempotentParameterMismatch", "The parameters differ.")
            return {"AutomationExecutionId": execution_id}
    name = given["DocumentName"]
    unknown = set(parameters) - _declared(name, world)
    if unknown:
        said = f"Parameters {sorted(unknown)} are not declared by document {name}."
        raise Refused("InvalidAutomationExecutionParametersException", said)
    execution_id = str(uuid.uuid4())
    executions_of(world)[execution_id] = {
        "parameters": parameters,
        "token": token.lower(),
        "tags": {tag["Key"]: tag["Value"] for tag in given.get("Tags") or ()},
        "shown": {
            "AutomationExecutionId": execution_id,
            "DocumentName": name,
            "AutomationExecutionStatus": "InProgress",
            "ExecutionStartTime": datetime.now(timezone.utc),
        },
    }
    return {"AutomationExecutionId": execution_id}


def _declared(name: str, world: World) -> set[str]:
    if name in OWNED_BY_AMAZON:
        return OWNED_BY_AMAZON[name]
    documents = ssm_backends[world.account][world.region]._documents
    if name not in documents:
        raise Refused("AutomationDefinitionNotFoundException", f"Document {name} does not exist.")
    content = yaml.safe_load(documents[name].find().content) or {}
    return set(content.get("parameters") or {})


def describe(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    found = list(executions_of(world).values())
    for one in given.get("Filters") or ():
        if one["Key"] == "TagKey":
            found = [known for known in found if set(one["Values"]) & set(known["tags"])]
        elif one["Key"] == "ExecutionId":
            found = [known for known in found if known["shown"]["AutomationExecutionId"] in one["Values"]]
        else:
            raise Refused("InvalidFilterKey", f"The double does not know the filter {one['Key']}.")
    return {"AutomationExecutionMetadataList": [known["shown"] for known in found]}


DOUBLES: Mapping[tuple[str, str], Answer] = {
    ("ssm", "StartAutomationExecution"): start,
    ("ssm", "DescribeAutomationExecutions"): describe,
}
