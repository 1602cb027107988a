"""AWS Step Functions: an execution of a state machine, named by the message's id.

Source: Step Functions API Reference, ``StartExecution``: for a standard workflow a name is good for one execution in
90 days, and to start a running one again with the same input answers as the first time. ``DescribeExecution`` knows
executions of standard workflows only; an express one that was started without an answer is started again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...settings.dispatch_target import DispatchTarget
from .base import Call, Dispatcher, Message, Sent, shown

if TYPE_CHECKING:
    from ..client import Aws

#: By which AWS says that there is no such execution, or none that it can describe.
_NOT_THERE = ("ExecutionDoesNotExist", "InvalidArn", "StateMachineTypeNotSupported")
_GONE = "Create the state machine, or correct 'ARN' on the Dispatch tab."


class StateMachine(Dispatcher):
    """A state machine, by itself or with a version or an alias."""

    type = "step_functions"
    label = "Step Functions state machine"
    service = "stepfunctions"
    arn_service = "states"
    resource = r"stateMachine:[A-Za-z0-9_-]{1,80}(:[A-Za-z0-9_-]{1,80})?"
    example = "arn:aws:states:eu-central-1:123456789012:stateMachine:contain-host"
    grants = (("states:StartExecution", "{arn}"),)
    looks = (("states:DescribeStateMachine", "{arn}"), ("states:DescribeExecution", "{executions}"))
    every = "arn:aws:states:*:*:*"
    runs = can_remediate = can_look_up = True
    succeeded, running = ("SUCCEEDED",), ("RUNNING", "PENDING_REDRIVE")
    already = ("ExecutionAlreadyExists",)
    cures = {
        "StateMachineDoesNotExist": _GONE,
        "StateMachineDeleting": _GONE,
        "InvalidArn": "Correct 'ARN' on the Dispatch tab.",
        "InvalidExecutionInput": "The state machine takes no such message: choose another 'Message'.",
        "ExecutionLimitExceeded": "Too many executions are open in the account: stop some, or have the quota raised.",
        "KmsAccessDeniedException": "Let the account's role use the state machine's KMS key.",
        "KmsInvalidStateException": "Look at the state of the state machine's KMS key.",
    }
    later = ("KmsThrottlingException",)

    def call(self, aws: Aws, target: DispatchTarget, message: Message) -> Call:
        given = json.dumps(message.object, separators=(",", ":"))
        return Call("start_execution", {"stateMachineArn": target.arn, "name": message.id, "input": given})

    def id_in(self, parameters: Mapping[str, Any]) -> str:
        return str(parameters["name"])

    def answered(self, answer: Mapping[str, Any]) -> Sent:
        return Sent(str(answer["executionArn"]))

    def find(self, aws: Aws, target: DispatchTarget, message_id: str) -> Sent | None:
        name = f"{executions_of(target)}:{message_id}"
        found = aws.read_if(_NOT_THERE, "stepfunctions", "describe_execution", target.region, executionArn=name)
        if found is None:
            return None
        said = found.get("output") or found.get("cause") or found.get("error") or ""
        return Sent(name, shown(str(said)), str(found["status"]))

    def reach(self, aws: Aws, target: DispatchTarget) -> str:
        found = aws.read("stepfunctions", "describe_state_machine", target.region, stateMachineArn=target.arn)
        kind = shown(str(found.get("type") or "STANDARD")).lower()
        return f"The {kind} state machine is there ({shown(str(found.get('status') or 'ACTIVE')).lower()})."

    def granted(self, target: DispatchTarget) -> tuple[tuple[str, str], ...]:
        named = super().granted(target)
        return tuple((action, one.replace("{executions}", f"{executions_of(target)}:*")) for action, one in named)


def executions_of(target: DispatchTarget) -> str:
    """What the ARNs of a state machine's executions begin with."""
    machine = target.parsed.resource.split(":")[1]
    return f"{target.arn.partition(':stateMachine:')[0]}:execution:{machine}"


DISPATCHER = StateMachine()
