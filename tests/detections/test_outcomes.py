"""Who was not allowed to do something was denied it, whatever the service calls that.

Facts: Common Errors of the query APIs; SNS API Reference, Publish; Elastic Beanstalk API Reference, CreateEnvironment;
the services' models in botocore.
"""

from __future__ import annotations

import json
from typing import Any

from spl import Event, MemoryEvents, execute
from workbench.replay import ShippedSearches

DENIED = (
    "AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation", "UnauthorizedException",
    "ForbiddenException",
    "VpceAccessDenied", "NotAuthorized", "NotAuthorizedException", "AuthorizationError", "AuthorizationErrorException",
    "AuthorizationException", "InsufficientPrivilegesException", "AccessToClusterDenied",
)  # fmt: skip
#: Another reason, though the name sounds like it.
OTHERS = (
    "AuthorizationNotFound", "AuthorizationAlreadyExists", "AuthorizationQuotaExceeded",
    "AuthorizationPendingException",
    "PermissionAlreadyExistsException", "SNSNoAuthorization", "InvalidPermission.NotFound", "ThrottlingException",
)  # fmt: skip


def outcome(code: str | None) -> Any:
    knowledge = ShippedSearches([]).knowledge
    record = {"eventName": "Publish", **({} if code is None else {"errorCode": code})}
    parsed = knowledge.parse("search index=main | `cloudtrail_fields` | `cloudtrail_outcome(error_code)`")
    events = MemoryEvents([Event(json.dumps(record), 1.0, "main", "aws:cloudtrail")])
    (row,) = execute(parsed, events=events, knowledge=knowledge, latest=2.0).rows
    return row.get("outcome")


def test_a_call_was_denied_whatever_its_service_calls_it() -> None:
    assert {code: outcome(code) for code in DENIED} == dict.fromkeys(DENIED, "failure")
    assert {code: outcome(code) for code in OTHERS} == dict.fromkeys(OTHERS)
    assert outcome(None) == outcome("success") == "success"
