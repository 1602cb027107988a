"""The lists as the page *Getting started* proposes them by these records, each proposal accepted."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from tools.playbooks import SOURCES

from .company import locate
from .month import BEGIN, DAYS

if str(SOURCES) not in sys.path:
    sys.path.insert(0, str(SOURCES))

from responder.starting.proposals import proposed
from responder.starting.survey import ACCOUNT, COUNTRY, NETWORK, PARTNER, ROLE, Seen, Survey

_PERSONS = ("/AWSReservedSSO_", ":role/aws-reserved/", ":role/aws-service-role/")
Lists = dict[str, list[dict[str, str]]]


def proposed_lists(records: Iterable[Mapping[str, Any]]) -> Lists:
    """Entries by lookup. The networks are those of documentation, which the page itself would leave out."""
    survey = Survey(0.0, days_done=DAYS, with_events=2**DAYS - 1)
    for record in records:
        identity = record.get("userIdentity", {})
        if identity.get("type") in ("AWSService", None) or record["eventType"] == "AwsServiceEvent":
            continue
        day = (datetime.strptime(record["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc) - BEGIN).days
        bit = 1 << min(day, DAYS - 1)
        context = identity.get("sessionContext", {})
        for kind, name in _names(record, context):
            seen = survey.seen[kind].setdefault(name, Seen())
            seen.events, seen.days = seen.events + 1, seen.days | bit
            seen.by_console = seen.by_console or context.get("sessionCredentialFromConsole") == "true"
    return {one.lookup: [{_KEYS[one.lookup]: entry.value} for entry in one.entries] for one in proposed(survey, {})}


_KEYS = {
    "responder_accounts": "account_id",
    "responder_allowed_countries": "country",
    "responder_allowed_networks": "cidr",
    "responder_automation_roles": "role",
    "responder_trusted_accounts": "account_id",
}


def _names(record: Mapping[str, Any], context: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    yield ACCOUNT, record["recipientAccountId"]
    if record["userIdentity"].get("type") == "AWSAccount":
        yield PARTNER, record["userIdentity"]["accountId"]
    address = record["sourceIPAddress"]
    place = locate(address)
    if place:
        yield COUNTRY, place["Country"]
        yield NETWORK, str(ipaddress.ip_network(f"{address}/24", strict=False))
    issuer = str(context.get("sessionIssuer", {}).get("arn", ""))
    if issuer and not any(one in issuer for one in _PERSONS):
        yield ROLE, issuer
