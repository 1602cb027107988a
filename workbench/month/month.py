"""The month: when things happen, and the records of them."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from .company import BOTO, NAT, PROD, REGION, Identity

#: A Monday, and the days that follow.
BEGIN = datetime(2026, 3, 2, tzinfo=timezone.utc)
DAYS = 30
GLOBAL = frozenset(
    {"iam", "signin", "organizations", "route53", "cloudfront", "billingconsole", "ce", "budgets", "account", "support"}
)
_READS = ("Describe", "Get", "List", "Head", "Lookup", "Search", "BatchGet", "Select", "Query", "Scan", "Decrypt")
#: A call and its ``requestParameters``, and perhaps its ``responseElements``.
Step = tuple[Any, ...]


class Month:
    """``volume``: how much goes on of what repeats; what happens once in a while does so in a small month as well."""

    def __init__(self, chance: random.Random, volume: float = 1.0) -> None:
        self.chance = chance
        self.volume = volume
        self.records: list[dict[str, Any]] = []
        #: Of each record the kind that made it, by its id.
        self.kind_of: dict[str, str] = {}
        self.kind = ""

    def runs(self, a_day: float, start: float = 0.0, end: float = 24.0, workdays: bool = False) -> list[float]:
        """When something happens that does so so often a day, in hours since the beginning; once at least."""
        days = [day for day in range(DAYS) if not workdays or day % 7 < 5]
        number = max(1, round(a_day * len(days) * self.volume))
        # Evenly, so that what is daily stays so, and from any day on.
        phase = self.chance.random()
        order = [days[int((index + phase) * len(days) / number)] for index in range(number)]
        return sorted(day * 24 + self.chance.uniform(start, end - 0.02) for day in order)

    def on(self, workday: int, hour: float) -> float:
        """An hour of a working day, counted from 0 to 21."""
        return (workday // 5 * 7 + workday % 5) * 24 + hour

    def call(
        self,
        at: float,
        who: Identity,
        what: str,
        parameters: Any = None,
        response: Any = None,
        *,
        ip: str = NAT,
        agent: str = BOTO,
        region: str = "",
        account: str = "",
        error: str = "",
        **more: Any,
    ) -> None:
        """``what``: ``ec2:DescribeInstances``. ``account``: where it happened, if that is not the caller's."""
        source, _, name = what.partition(":")
        moment = BEGIN + timedelta(hours=at)
        made: dict[str, Any] = {
            "eventVersion": "1.11",
            "userIdentity": _at_its_time(who, moment),
            "eventTime": self.time(at),
            "eventSource": f"{source}.amazonaws.com",
            "eventName": name,
            "awsRegion": region or ("us-east-1" if source in GLOBAL else REGION),
            "sourceIPAddress": who.get("invokedBy", ip),
            "userAgent": who.get("invokedBy", agent),
            "requestParameters": parameters or None,
            "responseElements": response,
            "requestID": self.id(),
            "eventID": self.id(),
            "readOnly": name.startswith(_READS),
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": account or who.get("accountId", PROD),
            "eventCategory": "Management",
        }
        if error:
            made["errorCode"] = error
            made["errorMessage"] = f"User: {who.get('arn', '?')} is not authorized to perform: {what} on resource: *"
            if source not in ("s3", "logs", "ec2"):
                made["requestParameters"] = None
        made.update(more)
        self.add(made)

    def steps(self, at: float, who: Identity, steps: Iterable[Step], seconds: float = 2.0, **more: Any) -> float:
        """One call after another; when the last one was over."""
        for step in steps:
            self.call(at, who, *step, **more)
            at += seconds / 3600
        return at

    def data(self, at: float, who: Identity, what: str, parameters: Any, **more: Any) -> None:
        """A data event."""
        self.call(at, who, what, parameters, managementEvent=False, eventCategory="Data", **more)

    def add(self, made: dict[str, Any]) -> None:
        """A whole record."""
        self.records.append(made)
        self.kind_of[made["eventID"]] = self.kind

    def time(self, at: float) -> str:
        """As a record has it."""
        return (BEGIN + timedelta(hours=at)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def id(self) -> str:
        """As of an event."""
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))


def _at_its_time(who: Identity, moment: datetime) -> Identity:
    context = who.get("sessionContext")
    if not context:
        return who
    begun = moment.replace(minute=0, second=0).strftime("%Y-%m-%dT%H:%M:%SZ")
    attributes = {**context.get("attributes", {}), "creationDate": begun}
    return {**who, "sessionContext": {**context, "attributes": attributes}}
