"""The lists that people keep (docs/noise.md, docs/guardrails.md, docs/routing.md), and what an entry of each must be.

What searches and guardrails make of an entry they decide themselves; this is what is taken from a form.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

from ..errors import Rejected, ResponderError, one_line
from . import protections, routes

SEVERITIES = ("informational", "low", "medium", "high", "critical")
#: Of a name in AWS with its wildcard. Source: as ``protections``.
_NAME = r"[\w+=,.@:/*#$()!' -]{1,2048}"
LONGEST = 1_000

#: What is wrong with a value, as the end of a sentence; empty for nothing.
Check = Callable[[str], str]


def _form(pattern: str, words: str) -> Check:
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: "" if compiled.fullmatch(value) else f"is not {words}"


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        return f"is not a network such as 198.51.100.0/24: {one_line(str(error))[:120]}"
    return ""


def _any(value: str) -> str:
    return ""


_ACCOUNT = _form(r"[0-9]{12}", "an account ID of 12 digits")
_PRINCIPAL = _form(_NAME, "an ARN, a name or an access key ID; * is the only wildcard")


@dataclass(frozen=True)
class Column:
    name: str
    label: str
    check: Check = _any
    required: bool = False


_KEPT = (Column("reason", "Reason", required=True), Column("owner", "Owner", required=True))


@dataclass(frozen=True)
class PeoplesList:
    """``lookup``: its collection, too."""

    lookup: str
    title: str
    #: What an entry does, one sentence.
    effect: str
    columns: tuple[Column, ...]
    #: Whether entries can end.
    expires: bool = True
    #: What is wrong with an entry as a whole. Raises a ResponderError.
    whole: Callable[[Mapping[str, Any]], object] | None = None

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns that say what an entry is about: two that are the same in these are one entry."""
        needed = [column.name for column in self.columns if column.required and column not in _KEPT]
        about = [*needed, *(column.name for column in self.columns if column.name == "detection")]
        return tuple(about or [column.name for column in self.columns])


def _route(document: Mapping[str, Any]) -> None:
    entry = routes.parse(document)
    if entry.problem():
        raise Rejected(f"The entry {entry.problem()}.")
    entry.route()


LISTS = {
    one.lookup: one
    for one in (
        PeoplesList(
            "responder_allowed_principals",
            "Allowed principals",
            "What this principal does gives no finding. If you enter a detection, only that one leaves it out.",
            (
                Column("principal", "Principal", _PRINCIPAL, True),
                Column("detection", "Detection", _form(r"[a-z0-9_*]{1,100}", "the ID of a detection; * is a wildcard")),
                *_KEPT,
            ),
        ),
        PeoplesList(
            "responder_automation_roles",
            "Automation roles",
            "No findings for this role up to a severity (medium unless given).",
            (
                Column("role", "Role", _PRINCIPAL, True),
                Column(
                    "max_severity", "Up to severity", _form("|".join(SEVERITIES), f"one of {', '.join(SEVERITIES)}")
                ),
                *_KEPT,
            ),
        ),
        PeoplesList(
            "responder_trusted_accounts",
            "Trusted accounts",
            "No findings for sharing with this account or trusting it; playbooks leave such shares alone.",
            (Column("account_id", "Account ID", _ACCOUNT, True), *_KEPT),
        ),
        PeoplesList(
            "responder_public_buckets",
            "Public buckets",
            "The public may read this bucket.",
            (
                Column("bucket", "Bucket", _form(r"[a-z0-9.*-]{1,63}", "the name of a bucket; * is a wildcard"), True),
                *_KEPT,
            ),
        ),
        PeoplesList(
            "responder_allowed_networks",
            "Expected networks",
            "Networks in which API use is expected.",
            (Column("cidr", "Network", _network, True), *_KEPT),
        ),
        PeoplesList(
            "responder_allowed_countries",
            "Expected countries",
            "Countries in which API use is expected, as iplocation names them.",
            (Column("country", "Country", _form(r"[^\W\d_][\w .,'()-]{1,80}", "the name of a country"), True), *_KEPT),
        ),
        PeoplesList(
            "responder_expected_regions",
            "Expected regions",
            "AWS regions in which changes are expected.",
            (
                Column("region", "Region", _form(r"[a-z]{2,4}(-[a-z]+)+-[0-9]", "a region such as eu-central-1"), True),
                *_KEPT,
            ),
        ),
        PeoplesList(
            "responder_bad_networks",
            "Bad networks",
            "Networks that nothing in your accounts should contact.",
            (Column("cidr", "Network", _network, True), *_KEPT),
        ),
        PeoplesList(
            "responder_bad_domains",
            "Bad domains",
            "Domains that nothing in your accounts should contact.",
            (Column("domain", "Domain", _form(r"[a-z0-9.*_-]{1,253}", "a domain in lower case"), True), *_KEPT),
        ),
        PeoplesList(
            "responder_protected",
            "Protected",
            "What must not be changed in AWS.",
            (
                Column(
                    "kind",
                    "Kind",
                    _form("|".join(protections.KINDS), f"one of {', '.join(protections.KINDS)}"),
                    True,
                ),
                Column("pattern", "Pattern", _any, True),
                *_KEPT,
            ),
            whole=protections.parse,
        ),
        PeoplesList(
            "responder_accounts",
            "Accounts",
            "Your own accounts, and who owns them.",
            (
                Column("account_id", "Account ID", _ACCOUNT, True),
                Column("account_name", "Name"),
                Column("owner", "Owner"),
                Column("owner_email", "Email", _form(r"[^@\s]{1,64}@[A-Za-z0-9.-]{1,190}", "an email address")),
                Column("oncall_team", "On call"),
                Column("environment", "Environment"),
                Column("ou", "Organizational unit"),
            ),
            expires=False,
        ),
        PeoplesList(
            "responder_routes",
            "Routes",
            "Where findings go, and who is to see to them.",
            tuple(
                Column(name, name.replace("_", " ").capitalize())
                for name in (
                    "order", *routes.MATCHED, "site", "project", "issue_type", "assignee", "component", "labels",
                    "watchers", "parent", "workspace", "channel", "on_call", "mention", "notifier", "reason",
                )
            ),
            expires=False,
            whole=_route,
        ),
    )
}  # fmt: skip


def of(lookup: str) -> PeoplesList:
    """Raises Rejected for what is no such list."""
    if lookup not in LISTS:
        raise Rejected(f"'{one_line(lookup)[:60]}' is not a list that people keep.", "The page Lists shows them.")
    return LISTS[lookup]


def checked(one: PeoplesList, given: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as it is stored. ``given``: texts by column, and ``expires``, the last day (2026-12-31, UTC) or empty.

    Raises Rejected, in one line, with the column that is wrong.
    """
    names = [column.name for column in one.columns] + ["expires"] * one.expires
    other = next((name for name in given if name not in names), "")
    if other:
        raise Rejected(f"{one.title} has no column '{one_line(other)[:40]}'.", f"Its columns are {', '.join(names)}.")
    entry: dict[str, Any] = {column.name: _value(column, given.get(column.name)) for column in one.columns}
    if not any(entry.values()):
        raise Rejected("The entry is empty.", "Fill in at least one column.")
    if one.expires:
        entry["expires"] = _ends_at(given.get("expires") or "")
    if one.whole is not None:
        try:
            one.whole(entry)
        except ResponderError as error:
            raise Rejected(error.message.partition("; until")[0], "Correct it.") from error
    return entry


def _value(column: Column, given: Any) -> str:
    if given is not None and not isinstance(given, str):
        raise Rejected(f"{column.label} is not a text.")
    text = (given or "").strip()
    if len(text) > LONGEST or text != one_line(text):
        raise Rejected(f"{column.label} is not a line of at most {LONGEST} characters.")
    if not text and column.required:
        raise Rejected(f"{column.label} is missing.", "Fill it in.")
    wrong = column.check(text) if text else ""
    if wrong:
        raise Rejected(f"{column.label}: '{text[:60]}' {wrong}.")
    return text


def _ends_at(day: Any) -> Any:
    """Epoch seconds at which that day is over; empty for never."""
    if day == "":
        return ""
    try:
        begins = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=timezone.utc)
        return int((begins + timedelta(days=1)).timestamp())
    except (ValueError, TypeError, OverflowError):
        raise Rejected(f"Last day: '{one_line(str(day))[:40]}' is not a date such as 2026-12-31.") from None


def last_day(expires: Any) -> str | None:
    """``2026-12-31`` of epoch seconds; empty for never, None where they cannot be read."""
    text = "" if expires is None else str(expires).strip()
    try:
        at = float(text or 0)
        return datetime.fromtimestamp(at - 1, timezone.utc).strftime("%Y-%m-%d") if at > 0 else ""
    except (ValueError, OverflowError, OSError):
        return None
