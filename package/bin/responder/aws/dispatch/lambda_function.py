"""AWS Lambda: a function, invoked as an event or waited for.

Source: Lambda API Reference, ``Invoke``; Developer Guide, "Invoking a function asynchronously" (at least once, so a
function has to be idempotent anyway) and "Lambda quotas". Lambda cannot be asked for an invocation. One without an
answer is made again with the same id in its payload, and then as an event: what runs longer than the app waits would
otherwise be started over and over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...errors import Rejected, UnknownOutcome
from ...settings.dispatch_target import DispatchTarget
from .base import ID_FIELD, Call, Dispatcher, Message, Sent, shown

if TYPE_CHECKING:
    from ..client import Aws

_NOT_THERE = "Create the function, or correct 'ARN' on the Dispatch tab."
#: The most that is read of an answer, in bytes.
_MOST_READ = 64 * 1024


class Function(Dispatcher):
    """A Lambda function, by itself or with a version or an alias."""

    type = "lambda"
    label = "Lambda function"
    service = "lambda"
    arn_service = "lambda"
    resource = r"function:[A-Za-z0-9_-]{1,64}(:(\$LATEST|[A-Za-z0-9_-]{1,128}))?"
    example = "arn:aws:lambda:eu-central-1:123456789012:function:isolate-host:live"
    grants = (("lambda:InvokeFunction", "{arn}"),)
    looks = (("lambda:GetFunctionConfiguration", "{arn}"),)
    every = "arn:aws:lambda:*:*:function:*"
    runs = can_wait = can_remediate = True
    succeeded = ("Success",)
    cures = {
        "ResourceNotFoundException": _NOT_THERE,
        "InvalidRequestContentException": "The function takes no such message: choose another 'Message'.",
        "RequestTooLargeException": "Choose 'CloudEvents' as 'Message' on the Dispatch tab, which is shortened.",
        "KMSAccessDeniedException": "Let the function's role use its KMS key.",
        "KMSDisabledException": "Enable the function's KMS key.",
        "KMSNotFoundException": "Give the function a KMS key that exists.",
        "InvalidRuntimeException": "Update the runtime of the function.",
        "InvalidSecurityGroupIDException": "Correct the security group of the function.",
        "InvalidSubnetIDException": "Correct the subnet of the function.",
        "RecursiveInvocationException": "The function leads back to itself: break the loop.",
    }
    #: A function that is being created or updated takes no invocation for a while.
    later = ("ResourceConflictException", "ResourceNotReadyException", "ServiceException", "SnapStartNotReadyException")

    def again(self, target: DispatchTarget) -> DispatchTarget:
        return replace(target, waits=False)

    def call(self, aws: Aws, target: DispatchTarget, message: Message) -> Call:
        return Call(
            "invoke",
            {
                "FunctionName": target.arn,
                "InvocationType": "RequestResponse" if target.waits else "Event",
                "Payload": json.dumps(message.object, separators=(",", ":")),
            },
        )

    def id_in(self, parameters: Mapping[str, Any]) -> str:
        payload = json.loads(parameters["Payload"])
        return str(payload.get(ID_FIELD) or payload.get("id"))

    def answered(self, answer: Mapping[str, Any]) -> Sent:
        if int(answer.get("StatusCode") or 0) == 202:
            return Sent()
        said = shown(_read(answer.get("Payload")))
        if answer.get("FunctionError"):
            raise Rejected(
                f"The function was invoked and failed ({shown(str(answer['FunctionError']))}): {said}",
                "Correct the function, then retry; it gets the same id.",
            )
        return Sent(answer=said, status="Success")

    def reach(self, aws: Aws, target: DispatchTarget) -> str:
        found = aws.read("lambda", "get_function_configuration", target.region, FunctionName=target.arn)
        return f"The function is there ({shown(str(found.get('State') or 'Active'))})."


def _read(payload: Any) -> str:
    if payload is None:
        return ""
    try:
        found: bytes = payload.read(_MOST_READ) if hasattr(payload, "read") else payload
    except Exception as error:
        raise UnknownOutcome(
            f"The answer of the function broke off ({type(error).__name__}).", "It is invoked again with the same id."
        ) from error
    return found.decode("utf-8", "replace")


DISPATCHER = Function()
