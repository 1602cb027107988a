"""CloudTrail records of the calls: an attack, the same refused, and what is ordinary."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from .kinds import KINDS, OWN, Given, Kind
from .models import Call

ATTACK, REFUSED, ORDINARY = "attack", "refused", "ordinary"
_BEGIN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Made:
    kind: str
    service: str
    #: ``attack``, ``refused`` or ``ordinary``.
    role: str
    record: dict[str, Any]


def made(calls: Iterable[Call], kinds: Iterable[Kind] = KINDS, seed: int = 0) -> list[Made]:
    """In the order of time: a minute between two, so that none is part of a burst. ``seed`` changes ids only."""
    chosen = list(kinds)
    found: list[Made] = []
    for call in calls:
        for kind in chosen:
            for role, given in _roles(kind, call):
                moment = _BEGIN + timedelta(minutes=len(found))
                record = _record(call, given, role, moment, f"{seed}:{len(found)}")
                found.append(Made(kind.id, call.service, role, record))
    return found


def _roles(kind: Kind, call: Call) -> Iterator[tuple[str, Given]]:
    attacks = list(kind.attacks(call))
    yield from ((ATTACK, given) for given in attacks)
    yield from ((REFUSED, given) for given in attacks[:1])
    yield from ((ORDINARY, given) for given in kind.harmless(call))


def _record(call: Call, given: Given, role: str, moment: datetime, name: str) -> dict[str, Any]:
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    record = {
        "eventVersion": "1.11",
        "userIdentity": _PIPELINE if role == ORDINARY else _THIEF,
        "eventTime": stamp,
        "eventSource": call.event_source,
        "eventName": call.operation,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.10" if role == ORDINARY else "198.51.100.7",
        "userAgent": "APN/1.0 HashiCorp/1.0 Terraform/1.9" if role == ORDINARY else "aws-cli/2.17.0",
        "requestParameters": _parameters(call, given),
        "responseElements": None,
        "requestID": _id(name, "request"),
        "eventID": _id(name, "event"),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": OWN,
        "eventCategory": "Management",
    }
    if role == REFUSED:
        record["errorCode"] = "AccessDenied"
        record["errorMessage"] = f"User: {_THIEF['arn']} is not authorized to perform: {call.operation}"
    return record


def _parameters(call: Call, given: Given) -> dict[str, Any]:
    parameters = call.parameters(given)
    # S3 logs a policy as an object under a name of its own.
    if call.service == "s3" and "policy" in parameters:
        policy = json.loads(parameters["policy"])
        parameters = {"bucketName": "example", "Host": "example.s3.amazonaws.com", "bucketPolicy": policy}
    return parameters


def _id(*parts: str) -> str:
    return str(uuid.UUID(bytes=hashlib.sha256(":".join(parts).encode()).digest()[:16], version=4))


_THIEF = {
    "type": "IAMUser",
    "principalId": "AIDAIOSFODNN7EXAMPLE",
    "arn": f"arn:aws:iam::{OWN}:user/alice",
    "accountId": OWN,
    "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
    "userName": "alice",
}
_PIPELINE = {
    "type": "AssumedRole",
    "principalId": "AROAIOSFODNN7EXAMPLE:run-17",
    "arn": f"arn:aws:sts::{OWN}:assumed-role/terraform/run-17",
    "accountId": OWN,
    "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
    "sessionContext": {
        "sessionIssuer": {
            "type": "Role",
            "principalId": "AROAIOSFODNN7EXAMPLE",
            "arn": f"arn:aws:iam::{OWN}:role/terraform",
            "accountId": OWN,
            "userName": "terraform",
        },
        "attributes": {"creationDate": "2026-03-04T05:00:00Z", "mfaAuthenticated": "false"},
    },
}
