"""The day, its callers, and one record of it."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

MIDNIGHT = datetime(2025, 3, 4, tzinfo=timezone.utc)
ACCOUNT, REGION = "111122223333", "eu-central-1"
OFFICE, NAT = "192.0.2.10", "198.51.100.20"
Identity = dict[str, Any]


def role_session(role: str, session: str, account: str = ACCOUNT, path: str = "", **more: Any) -> Identity:
    """Somebody or something that assumed a role."""
    issuer = {
        "type": "Role", "principalId": f"AROAEXAMPLE{role[:8].upper()}", "accountId": account, "userName": role,
        "arn": f"arn:aws:iam::{account}:role/{path}{role}",
    }  # fmt: skip
    return {
        "type": "AssumedRole",
        "principalId": f"{issuer['principalId']}:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
        "accountId": account,
        "accessKeyId": f"ASIAEXAMPLE{role[:9].upper()}",
        "sessionContext": {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}},
        **more,
    }


def person(name: str, permission_set: str) -> Identity:
    """Somebody who came by IAM Identity Center."""
    role = f"AWSReservedSSO_{permission_set}_0123456789abcdef"
    return role_session(role, f"{name}@example.com", path=f"aws-reserved/sso.amazonaws.com/{REGION}/")


def service_role(service: str, role: str) -> Identity:
    """A service-linked role."""
    path = f"aws-service-role/{service}.amazonaws.com/"
    return role_session(role, service, path=path, invokedBy=f"{service}.amazonaws.com")


def service(name: str) -> Identity:
    return {"type": "AWSService", "invokedBy": f"{name}.amazonaws.com"}


class Day:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.records: list[dict[str, Any]] = []

    def call(
        self,
        at: float,
        who: Identity,
        what: str,
        parameters: Any = None,
        *,
        ip: str = OFFICE,
        agent: str = "",
        error: str = "",
        **more: Any,
    ) -> None:
        """One call at so many hours after midnight. ``what``: ``ec2:DescribeInstances``."""
        source, _, name = what.partition(":")
        moment = MIDNIGHT + timedelta(hours=at, seconds=self.chance.random() * 0.4)
        made = {
            "eventVersion": "1.11",
            "userIdentity": who,
            "eventTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": f"{source}.amazonaws.com",
            "eventName": name,
            "awsRegion": "us-east-1" if source in ("iam", "signin", "billingconsole", "organizations") else REGION,
            "sourceIPAddress": who.get("invokedBy", ip),
            "userAgent": who.get("invokedBy", agent or "aws-sdk-go-v2/1.30.3"),
            "requestParameters": dict(parameters) if parameters is not None else None,
            "responseElements": None,
            "requestID": self._id(),
            "eventID": self._id(),
            "readOnly": name.startswith(("Describe", "Get", "List", "Head", "Lookup", "Search")),
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
        }
        if error:
            made["errorCode"] = error
            made["errorMessage"] = f"{who.get('arn', 'somebody')} is not authorized to perform: {what}"
            made["requestParameters"] = dict(parameters) if parameters and source in ("s3", "logs") else None
        self.records.append({**made, **more})

    def spread(self, count: int, start: float = 0.0, end: float = 24.0) -> list[float]:
        """So many hours, at random, in order."""
        return sorted(self.chance.uniform(start, end - 0.01) for _ in range(count))

    def _id(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
