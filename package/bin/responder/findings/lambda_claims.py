"""What CloudTrail records say of Lambda functions, for claims.

Facts: Lambda Developer Guide, "Logging Lambda API calls using CloudTrail" (names of calls end in the API's date, as in
``AddPermission20150331v2``; a function is named by name, by ARN, or by a part of it).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .claims import Claim
from .cloudtrail import CloudTrailRecord, operation_of


def function_call(function: str, *operations: str) -> Claim:
    """One of these calls on the function was made, and succeeded."""

    def values_in(record: CloudTrailRecord) -> Iterator[str]:
        if _is_call(record, *operations):
            yield function_name(next(record.parameters("functionName"), ""))

    return Claim("function", function, values_in)


def statement(function: str, given: Mapping[str, Any]) -> Claim:
    """AddPermission put this statement into the function's policy: ``{"statement", "principal", "qualifier"}``."""
    return Claim("policy statement", _text(function, given), _statements)


def alias(function: str, name: str, version: str, weights: Mapping[str, Any]) -> Claim:
    """UpdateAlias had this alias of the function run this version, and others with these weights."""
    return Claim("alias", _runs(function, name, version, weights), _aliases)


def mapping(function: str, uuid: str) -> Claim:
    """A call made or changed this event source mapping of the function."""
    return Claim("event source mapping", f"{function} {uuid}", _mappings)


def function_name(text: str) -> str:
    """The bare name in a name, an ARN or a part of one, without version or alias."""
    return re.sub(r"^.*:function:", "", text).partition(":")[0]


def _text(function: str, given: Mapping[str, Any]) -> str:
    parts = (given.get("statement"), given.get("principal"), given.get("qualifier") or "-")
    return " ".join(str(part) for part in (function, *parts))


def _statements(record: CloudTrailRecord) -> Iterator[str]:
    asked = record.fields.get("requestParameters")
    if _is_call(record, "AddPermission") and isinstance(asked, Mapping):
        named = str(asked.get("functionName"))
        given = {"statement": asked.get("statementId"), "principal": asked.get("principal")}
        alias = re.sub(r"^.*:function:", "", named).partition(":")[2]
        yield _text(function_name(named), {**given, "qualifier": asked.get("qualifier") or alias})


def _aliases(record: CloudTrailRecord) -> Iterator[str]:
    """The answer says all that the alias runs, also what the request leaves as it was."""
    answered = record.fields.get("responseElements")
    if _is_call(record, "UpdateAlias") and isinstance(answered, Mapping):
        named = next(record.parameters("name"), "") or str(answered.get("name"))
        function = function_name(next(record.parameters("functionName"), ""))
        yield _runs(function, named, str(answered.get("functionVersion")), weights_in(answered))


def weights_in(answered: Mapping[str, Any]) -> Mapping[str, Any]:
    """By version, as the answer of CreateAlias or UpdateAlias has them."""
    routing = answered.get("routingConfig")
    weights = routing.get("additionalVersionWeights") if isinstance(routing, Mapping) else None
    return weights if isinstance(weights, Mapping) else {}


def _runs(function: str, name: str, version: str, weights: Mapping[str, Any]) -> str:
    beside = (f"{key}:{float(one) if isinstance(one, (int, float)) else one}" for key, one in weights.items())
    return " ".join((function, name, version, *sorted(beside)))


def _mappings(record: CloudTrailRecord) -> Iterator[str]:
    if _is_call(record, "CreateEventSourceMapping", "UpdateEventSourceMapping"):
        answered = record.fields.get("responseElements")
        answered = answered if isinstance(answered, Mapping) else {}
        uuid = str(answered.get("uUID") or next(record.parameters("uUID"), ""))
        named = next(record.parameters("functionName"), "") or str(answered.get("functionArn") or "")
        yield f"{function_name(named)} {uuid}"


def _is_call(record: CloudTrailRecord, *operations: str) -> bool:
    return record.service == "lambda" and record.succeeded and operation_of(record.event_name) in operations
