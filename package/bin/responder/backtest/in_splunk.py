"""A backtest over what is indexed: with the rights of whoever searches, and within bounds.

Each detection runs once over all of the time, so a finding may stand for many events of a case. Its records say when
each of them was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..errors import InvalidFinding, NotPermitted, Rejected
from ..findings.cloudtrail import CloudTrailRecord
from ..findings.finding import Finding
from ..findings.moments import epoch_of
from ..findings.past_calls import MOST_WORDS, is_word
from ..findings.record_search import BATCH, is_event_id, records_of
from ..splunk.client import APP, Splunkd
from ..splunk.search import search
from .fates import DAY, Fates
from .plans import TOGETHER, Planned, Plans, names_of

PREFIX = "CloudTrail Responder - "
#: Seconds that a search may take; findings of a detection; events whose records are read; records about targets.
LONGEST, FINDINGS, EVENTS, RECORDS = 300, 5_000, 20_000, 10_000
#: Days back, at most.
REACH = 400
_UNITS = {"m": 60.0, "h": 3_600.0, "d": DAY, "w": 7 * DAY}
#: What the scheduled search adds so that slices which overlap give nothing twice: here there is one slice.
_SLICED = re.compile(r"\n\|\s*`cloudtrail_new_in_slice\(\d+\)`")
_CALL = re.compile(r"[A-Z][A-Za-z0-9]{2,63}")


@dataclass(frozen=True)
class Detection:
    id: str
    spl: str


def earliest_of(text: str, now: float) -> float:
    """``-30d`` and the like, or epoch seconds. Raises Rejected."""
    match = re.fullmatch(r"-(\d{1,4})([mhdw])(@d)?", text)
    if match:
        at = now - int(match[1]) * _UNITS[match[2]]
    elif re.fullmatch(r"\d{9,11}", text):
        at = float(text)
    else:
        raise Rejected(f"earliest is '{text[:20]}'.", "Write it like -30d, -12h or -4w, or in epoch seconds.")
    if not now - REACH * DAY <= at < now:
        raise Rejected(f"earliest is '{text[:20]}'.", f"It can be at most {REACH} days ago.")
    return at


def detections(splunkd: Splunkd, only: str = "") -> list[Detection]:
    """The app's searches that recommend a playbook, switched on or not. Raises NotPermitted where none can be read."""
    feed = splunkd.get_json("saved/searches", {"output_mode": "json", "count": 0})
    named = [entry for entry in feed.get("entry") or () if _is_the_apps(entry)]
    if not named:
        raise NotPermitted(
            "You cannot read the detections of CloudTrail Responder.",
            "It takes the role admin or sc_admin, or in Enterprise Security ess_admin or ess_analyst.",
        )
    found = []
    for entry in named:
        text = str(entry["content"].get("search") or "")
        signature = re.search(r"`cloudtrail_finding\((\w+)\)`", text)
        if signature and "recommended_playbook=null()" not in text and only in ("", signature[1]):
            found.append(Detection(signature[1], "search " + _SLICED.sub("", text)))
    if only and not found:
        raise Rejected(f"No detection '{only[:60]}' recommends a playbook.", "Leave out detection= to try all that do.")
    return sorted(found, key=lambda one: one.id)


def _is_the_apps(entry: Mapping[str, Any]) -> bool:
    """Anybody may save a private search under any name: run here, it would have the rights of whoever searches."""
    acl = entry.get("acl") or {}
    is_shared = acl.get("app") == APP and acl.get("sharing") in ("app", "global")
    return is_shared and str(entry.get("name")).startswith(PREFIX)


def backtest(splunkd: Splunkd, earliest: float, latest: float, only: str = "") -> Plans:
    """Raises a ResponderError where a search cannot be run: a part of the bill would look like all of it."""
    found: list[Finding] = []
    left = EVENTS
    for detection in detections(splunkd, only):
        for row in search(splunkd, f"{detection.spl}\n| head {FINDINGS}", earliest, latest, LONGEST):
            finding = _finding(row)
            if finding is not None:
                events = list(_by_event(splunkd, finding, left, earliest, latest))
                left = max(0, left - len(events))
                found += events
    plans = Plans()
    for finding in sorted(found, key=lambda one: one.first_time):
        plans.add(finding)
    fates = Fates(plans.made)
    for record in _later(splunkd, plans.made, latest):
        fates.see(record)
    fates.end(latest)
    return plans


def _finding(row: Mapping[str, Any]) -> Finding | None:
    try:
        return Finding.from_row(row)
    except InvalidFinding:
        # The actions would have refused it, too.
        return None


def _by_event(
    splunkd: Splunkd, finding: Finding, left: int, earliest: float, latest: float
) -> Iterator[Finding]:
    """A finding for each of its events, where they are further apart than what is remediated together."""
    ids = [one.lower() for one in finding.event_ids if is_event_id(one.lower())][:left]
    if len(ids) < 2 or finding.last_time - finding.first_time < TOGETHER:
        yield finding
        return
    for first in range(0, len(ids), BATCH):
        for result in records_of(splunkd, ids[first : first + BATCH], earliest, latest):
            try:
                record = CloudTrailRecord.parse(str(result.get("_raw")))
            except ValueError:
                continue
            at = epoch_of(str(record.fields.get("eventTime") or ""))
            if at:
                yield replace(finding, event_ids=(record.event_id,), first_time=at, last_time=at, event_count=1)


def _later(splunkd: Splunkd, plans: Sequence[Planned], latest: float) -> Iterator[Mapping[str, Any]]:
    """Records of the calls by which people put right what is planned, about its targets, in the order of time."""
    by_name = {name: one for one in plans for target in one.targets for name in names_of(target) if is_word(name)}
    names = sorted(by_name)
    for first in range(0, len(names), MOST_WORDS):
        some = names[first : first + MOST_WORDS]
        about = [one for one in plans if any(names_of(target) & set(some) for target in one.targets)]
        calls = sorted({call for one in about for call in one.calls if _CALL.fullmatch(call)})
        begins, ends = min(one.at for one in about), min(latest, max(one.at for one in about) + DAY)
        if not calls or ends <= begins:
            continue
        for result in search(splunkd, spl(calls, some), begins, ends + 1, LONGEST):
            try:
                yield CloudTrailRecord.parse(str(result.get("_raw"))).fields
            except ValueError:
                continue


def spl(calls: Sequence[str], names: Sequence[str]) -> str:
    """Records of calls that succeeded and name one of these. Raises ValueError for what is no call or no word."""
    if not calls or not names or not all(map(_CALL.fullmatch, calls)) or not all(map(is_word, names)):
        raise ValueError("not names of calls, or not words")
    # Lambda's names end in the version of its API.
    called = ", ".join(f"{call}*" for call in calls)
    words = " OR ".join(f'"{name}"' for name in names)
    return (
        f"search `cloudtrail_index` ({words}) | `cloudtrail_drop_extracted_fields` | `cloudtrail_normalize`"
        " | spath output=later_name path=eventName"
        f" | search later_name IN ({called})"
        " | spath output=later_error path=errorCode | search NOT later_error=*"
        " | spath output=later_id path=eventID"
        f" | dedup later_id | sort {RECORDS} _time | table _time _raw"
    )
