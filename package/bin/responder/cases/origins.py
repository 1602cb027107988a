"""Where a finding came from, as far as lists and baselines tell: whose network it is, and whether it was seen before.

Both are for people to read; nothing is decided by them. The lookup ``responder_asn`` is kept by administrators, the
baseline ``responder_first_seen`` by the app's own searches (docs/detections/README.md).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union

from ..findings.finding import Finding
from ..remembered import Remembered
from ..splunk.client import Splunkd
from ..splunk.queries import any_of, either, portions
from .looked_up import LookedUp

ASN = "responder_asn"
FIRST_SEEN = "responder_first_seen"
#: Baselines of where somebody comes from: of the networks of a long-term key, and of the countries of a sign-in.
KEY_NETWORKS, SIGN_IN_COUNTRIES = "access_key_used_from_new_network", "console_login_from_new_country"
DAY = 86_400.0
#: As in the macro ``cloudtrail_first_seen``: seconds for which a value stays new, and for which an entry counts; and
#: how long somebody has to be known before "new" means anything.
FRESH, COUNTS, LEARNS = 3_600.0, 90 * DAY, 7 * DAY
#: Lengths of the prefixes under which a network may be listed: nobody announces a smaller one than the last.
_PREFIXES = {4: (*range(8, 25), 32), 6: (*range(20, 49), 64, 128)}
#: Fields by which alerts of others name a network: its number, and whose it is.
_NUMBERS = ("src_asn", "asn", "src_as_number", "as_number")
_OWNERS = ("src_asn_org", "asn_org", "src_as_org", "as_org", "autonomous_system_organization")
#: Seconds for which it is known that the lookup is empty, or whose network an address is.
KEPT = 300.0
#: Seconds for which what a baseline says of somebody counts: searches write it once an hour.
SEEN_KEPT = 60.0
LONGEST = 200

_networks: Remembered[str] = Remembered(KEPT)
_is_empty: Remembered[bool] = Remembered(KEPT)
_Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]


@dataclass(frozen=True)
class Seen:
    """What a baseline says of somebody and the place they came from."""

    #: ``access key`` or ``user``, and the network block or country.
    who: str
    place: str
    #: Epoch seconds: when the place was first and last seen of them; 0 where it was not.
    first: float
    last: float
    #: Since when they are known at all.
    known_since: float


def network(splunkd: Splunkd, finding: Finding) -> str:
    """Number and owner of the network of its source address, as the row or the lookup has it; empty where neither."""
    number, owner = (_first(finding.row, names) for names in (_NUMBERS, _OWNERS))
    if number or owner:
        return _named(number, owner)
    address = _address(finding.src_ip)
    if address is None or not address.is_global:
        return ""
    about = splunkd.uri, str(address)
    known = _networks.get(about)
    if known is None:
        known = _looked_up(splunkd, address)
        _networks.put(about, known)
    return known


def seen(splunkd: Splunkd, finding: Finding) -> Seen | None:
    """What a baseline knows of the finding's caller and where he came from; None where it does not know the caller."""
    asked = list(_asked(finding))
    if not asked:
        return None
    spans_of = _spans.of(splunkd, [(detection, subject) for detection, _, subject, _ in asked])
    for detection, who, subject, place in asked:
        spans = spans_of[detection, subject]
        kept = [span for span in spans if span[2] >= finding.first_time - COUNTS]
        of_place = [span for span in kept if span[0] == place]
        since = min((first for _, first, _ in kept), default=0.0)
        if of_place and min(first for _, first, _ in of_place) <= finding.first_time - FRESH:
            first, last = min(first for _, first, _ in of_place), max(last for _, _, last in of_place)
            return Seen(who, place, first, min(last, finding.first_time), since)
        if kept and since <= finding.first_time - LEARNS:
            return Seen(who, place, 0.0, 0.0, since)
    return None


def _read_spans(
    splunkd: Splunkd, subjects: Sequence[tuple[str, str]]
) -> Mapping[tuple[str, str], Sequence[tuple[str, float, float]]]:
    """Values of a baseline with when each was first and last seen, by baseline and subject."""
    found: dict[tuple[str, str], list[tuple[str, float, float]]] = {subject: [] for subject in subjects}
    for some in portions(subjects):
        query = either([{"detection": detection, "subject": subject} for detection, subject in some])
        for one in splunkd.find(FIRST_SEEN, query, fields="detection,subject,value,first_seen,last_seen"):
            span = str(one.get("value")), _number(one.get("first_seen")), _number(one.get("last_seen"))
            found.setdefault((str(one.get("detection")), str(one.get("subject"))), []).append(span)
    return found


_spans: LookedUp[tuple[str, str], Sequence[tuple[str, float, float]]] = LookedUp(_read_spans, SEEN_KEPT)


def _asked(finding: Finding) -> list[tuple[str, str, str, str]]:
    """Baseline, who in words, subject and value, as the searches write them."""
    found, address = [], _address(finding.src_ip)
    if not finding.first_time:
        return []
    if address is not None and re.fullmatch(r"AKIA[A-Z0-9]{12,124}", finding.access_key_id):
        found.append((KEY_NETWORKS, "access key", finding.access_key_id, _block(address)))
    who = finding.user_arn or (f"{finding.vendor_account}:{finding.user}" if finding.user else "")
    if finding.src_country and 0 < len(who) <= LONGEST:
        found.append((SIGN_IN_COUNTRIES, "user", who, finding.src_country.lower()))
    return found


def _address(text: str) -> _Address | None:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None


def _block(address: _Address) -> str:
    """As the macro ``cloudtrail_network``."""
    if isinstance(address, ipaddress.IPv4Address):
        return f"{'.'.join(str(address).split('.')[:2])}.0.0/16"
    first, second = (int(part, 16) for part in address.exploded.split(":")[:2])
    return f"{first:x}:{second:x}::/32"


def _looked_up(splunkd: Splunkd, address: _Address) -> str:
    """The smallest network of the lookup that the address is in. An empty lookup is asked once in a while."""
    if _is_empty.get(splunkd.uri):
        return ""
    if not splunkd.find(ASN, {"_key": {"$gt": ""}}, limit=1, fields="_key"):
        _is_empty.put(splunkd.uri, True)
        return ""
    lengths = _PREFIXES[address.version]
    wanted = [str(ipaddress.ip_network(f"{address}/{length}", strict=False)) for length in reversed(lengths)]
    found = [one for query in any_of("network", wanted) for one in splunkd.find(ASN, query)]
    found.sort(key=lambda one: wanted.index(str(one.get("network"))))
    return _named(*(str(found[0].get(name) or "") for name in ("asn", "organization"))) if found else ""


def _named(number: str, owner: str) -> str:
    number = f"AS{number}" if number.isdecimal() else number
    return " ".join(filter(None, (number, owner)))[:LONGEST]


def _first(row: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((str(row[name]).strip() for name in names if str(row.get(name) or "").strip()), "")


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0
