"""What CloudTrail has shown in the last 30 days, a day after the other: accounts, countries, networks, roles, partners.

A run looks at as many days as its time allows and keeps what it has seen; the next one goes on. Searches have the
rights of whoever asks. Everything in a row was written by whoever made the call.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..json_limits import bounded_json
from ..splunk.client import Splunkd
from ..splunk.search import search
from .ledger import START

KEY = "survey"
DAYS, DAY = 30, 86_400.0
#: Newest events of a day that are looked at; rows of a day; names that are kept of each kind; seconds for a search.
EVENTS, ROWS, MOST, LONGEST = 20_000, 2_000, 400, 12
KINDS = ACCOUNT, COUNTRY, NETWORK, ROLE, PARTNER = ("account", "country", "network", "role", "partner")
#: Bits of an address that a network has: what one office or provider line is likely to have.
_BITS = {4: 24, 6: 48}
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
_ROLE = re.compile(r"arn:aws[a-z-]{0,10}:iam::[0-9]{12}:role/[\w+=,.@/-]{1,600}", re.ASCII)
#: Roles of people (IAM Identity Center) and of AWS itself are no automation.
_NO_AUTOMATION = re.compile(r":role/aws-(?:reserved|service-role)/|/AWSReservedSSO_|/AWSServiceRoleFor")
SPL = (
    f"search `cloudtrail_index` | head {EVENTS} | `cloudtrail_drop_extracted_fields` | `cloudtrail_normalize`"
    " | `cloudtrail_record` | spath output=by_console path=sessionCredentialFromConsole"
    " | eval issuer_arn=coalesce(issuer_arn, \"-\"), by_console=if(by_console=\"true\", 1, 0),"
    " src_ip=if(`cloudtrail_is_ip(src_ip)` AND NOT `cloudtrail_is_private_ip(src_ip)`, src_ip, \"-\"),"
    " vendor_account=coalesce(vendor_account, \"-\"),"
    " partner=if(user_type=\"AWSAccount\" AND outcome=\"success\", coalesce(caller_account, \"-\"), \"-\")"
    " | stats count AS events max(_time) AS newest max(by_console) AS by_console dc(user) AS users"
    " BY vendor_account src_ip issuer_arn partner | iplocation src_ip"
    f" | sort {ROWS} - events | table events newest by_console users vendor_account src_ip issuer_arn partner Country"
)


@dataclass
class Seen:
    """Something that was seen. ``days`` has a bit for each day, the newest first."""

    events: int = 0
    days: int = 0
    newest: float = 0.0
    #: The most principals on one day and row, and whether a session of the console was among them.
    users: int = 0
    by_console: bool = False

    @property
    def day_count(self) -> int:
        return bin(self.days).count("1")


@dataclass
class Survey:
    #: When it began: the days are counted back from then.
    began_at: float
    days_done: int = 0
    #: Days with events, as bits; and days of which not all events were looked at.
    with_events: int = 0
    cut: int = 0
    events: int = 0
    seen: dict[str, dict[str, Seen]] = field(default_factory=lambda: {kind: {} for kind in KINDS})

    @property
    def is_done(self) -> bool:
        return self.days_done >= DAYS

    @property
    def day_count(self) -> int:
        """Days with events."""
        return bin(self.with_events).count("1")

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """The rows of the next day."""
        bit, total = 1 << self.days_done, 0
        for row in rows:
            events, newest = int(_number(row.get("events"))), _number(row.get("newest"))
            total += events
            for kind, name in _names(row):
                one = self.seen[kind].setdefault(name, Seen())
                one.events += events
                one.days |= bit
                one.newest = max(one.newest, newest)
                one.users = max(one.users, int(_number(row.get("users"))))
                one.by_console = one.by_console or _number(row.get("by_console")) > 0
        self.events += total
        self.with_events |= bit if total else 0
        self.cut += total >= EVENTS
        self.days_done += 1
        for kind, known in self.seen.items():
            if len(known) > MOST:
                kept = sorted(known, key=lambda name: (-known[name].day_count, -known[name].events, name))[:MOST]
                self.seen[kind] = {name: known[name] for name in kept}

    def body(self) -> str:
        seen = {
            kind: {name: list(vars(one).values()) for name, one in known.items()} for kind, known in self.seen.items()
        }
        return json.dumps({**vars(self), "seen": seen})

    @classmethod
    def of(cls, body: str) -> Survey | None:
        """None for what another version has kept."""
        try:
            stored = bounded_json(body)
            seen = {kind: {name: Seen(*one) for name, one in stored["seen"][kind].items()} for kind in KINDS}
            return cls(**{**stored, "seen": seen})
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


def stored(splunkd: Splunkd) -> Survey | None:
    document = splunkd.fetch(START, KEY)
    return None if document is None else Survey.of(str(document.get("body")))


def go_on(own: Splunkd, splunkd: Splunkd, again: bool, is_over: Callable[[], bool]) -> Survey:
    """Look at one day at least, and at more until it is over. Raises a ResponderError.

    ``again``: from the beginning.
    """
    made = None if again else stored(splunkd)
    made = made or Survey(splunkd.now())
    while not made.is_done:
        latest = made.began_at - made.days_done * DAY
        made.add(search(own, SPL, latest - DAY, latest, longest=LONGEST))
        splunkd.save_many(START, [{"_key": KEY, "kind": KEY, "body": made.body(), "at": splunkd.now()}])
        if is_over():
            break
    return made


def _names(row: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """What a row shows, as far as it has the form of what it claims to be."""
    account, country, role = (str(row.get(name) or "") for name in ("vendor_account", "Country", "issuer_arn"))
    if _ACCOUNT.fullmatch(account):
        yield ACCOUNT, account
    if country and len(country) <= 80:
        yield COUNTRY, country
    network = network_of(str(row.get("src_ip") or ""))
    if network:
        yield NETWORK, network
    if _ROLE.fullmatch(role) and not _NO_AUTOMATION.search(role):
        yield ROLE, role
    partner = str(row.get("partner") or "")
    if _ACCOUNT.fullmatch(partner) and partner != account:
        yield PARTNER, partner


def network_of(address: str) -> str:
    """The network of a public address; empty for anything else."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((found, _BITS[found.version]), strict=False)) if found.is_global else ""


def _number(value: Any) -> float:
    try:
        return float(str(value))
    except ValueError:
        return 0.0
