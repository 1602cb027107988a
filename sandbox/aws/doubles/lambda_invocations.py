"""Invocations of Lambda functions, for which moto needs Docker: a function's code is a callable of the test or demo.

Facts: Lambda API Reference, ``Invoke`` (202 and no payload for an event, 204 for a dry run; ``FunctionError`` is
``Unhandled`` with ``errorMessage`` and ``errorType`` in the payload; ``ResourceNotFoundException``,
``InvalidRequestContentException``, ``RequestTooLargeException``), and "Lambda quotas".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.awslambda.models import lambda_backends

from sandbox.aws.double import Answer, Refused, World

#: Bytes of a payload: of an event, and of what is waited for.
LONGEST_EVENT, LONGEST = 1024 * 1024, 6 * 1024 * 1024
#: A function's code: it gets the payload, and what it raises is the error that Lambda answers.
Code = Callable[[Any], Any]


@dataclass(frozen=True)
class Invocation:
    """One that a function has got."""

    #: ``Event`` or ``RequestResponse``.
    type: str
    payload: Any


def code_of(world: World) -> dict[str, Code]:
    """The code of functions, by name; the others answer null."""
    found: dict[str, Code] = world.keep("lambda_code")
    return found


def invocations_of(world: World) -> dict[str, list[Invocation]]:
    """What functions have got, by name, oldest first."""
    found: dict[str, list[Invocation]] = world.keep("lambda_invocations")
    return found


def invoke(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    name = _function(given["FunctionName"], world)
    kind, body = given.get("InvocationType") or "RequestResponse", given.get("Payload") or b"{}"
    content = body if isinstance(body, bytes) else str(body).encode()
    if len(content) > (LONGEST_EVENT if kind == "Event" else LONGEST):
        raise Refused("RequestTooLargeException", "The request payload is too large.")
    try:
        payload = json.loads(content)
    except ValueError:
        raise Refused("InvalidRequestContentException", "Could not parse request body into json") from None
    if kind == "DryRun":
        return {"StatusCode": 204}
    invocations_of(world).setdefault(name, []).append(Invocation(kind, payload))
    code = code_of(world).get(name)
    try:
        answer, error = (code(payload) if code else None), ""
    except Exception as raised:
        answer, error = {"errorMessage": str(raised), "errorType": type(raised).__name__}, "Unhandled"
    if kind == "Event":
        return {"StatusCode": 202, "Payload": b""}
    told = {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": json.dumps(answer).encode()}
    return {**told, "FunctionError": error} if error else told


def _function(named: str, world: World) -> str:
    """A function's name, by its ARN or by itself, with a qualifier or without."""
    pieces = named.split(":")
    name = pieces[6] if named.startswith("arn:") and len(pieces) > 6 else pieces[0]
    known = {function.function_name for function in lambda_backends[world.account][world.region].list_functions("ALL")}
    if name not in known:
        raise Refused("ResourceNotFoundException", f"Function not found: {named}")
    return name


DOUBLES: Mapping[tuple[str, str], Answer] = {("lambda", "Invoke"): invoke}
