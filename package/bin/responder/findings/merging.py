"""Several findings as one: what one notification, or one ticket for all rows of a run, is about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .finding import MAX_EVENT_IDS, MAX_ROWS_WEIGHT, SEVERITIES, Finding

#: How many different users, addresses and so on are named when findings differ.
MAX_NAMED = 5
#: Fields of which each finding may have its own; people read all of them.
_NAMED = ("user", "user_arn", "access_key_id", "src_ip", "object_id")
#: Fields that hold for all or not at all.
_COMMON = (
    "vendor_account", "vendor_region", "user_type", "src_country", "user_agent", "object_category", "command",
    "reason", "mitre_technique_id", "recommended_playbook",
)  # fmt: skip


def merged(findings: Sequence[Finding]) -> Finding:
    """The last of several findings of a case, with what the others have beside it."""
    last = findings[-1]
    if len(findings) == 1:
        return last
    each: dict[str, Any] = {name: named(getattr(finding, name) for finding in findings) for name in _NAMED}
    return replace(
        last,
        first_time=min(finding.first_time for finding in findings),
        last_time=max(finding.last_time for finding in findings),
        event_count=sum(finding.event_count for finding in findings),
        severity=max((finding.severity for finding in findings), key=SEVERITIES.index),
        row=last.row if all(finding.row == last.row for finding in findings) else {},
        rows=_rows(findings),
        row_count=sum(finding.row_count or len(finding.rows) for finding in findings),
        **each,
    )


def of_run(findings: Sequence[Finding], signature: str) -> Finding:
    """All rows of a run of an alert as one finding, with each row to be attached.

    It says of all of them what they have in common; a ticket that names the last row's region as that of all is wrong.
    """
    one = merged(findings)
    same: dict[str, Any] = {name: _common(findings, name) for name in _COMMON}
    events = dict.fromkeys(event for finding in findings for event in finding.event_ids)
    times = [finding.first_time for finding in findings if finding.first_time]
    return replace(
        one,
        **same,
        signature=one.signature if len({finding.signature for finding in findings}) == 1 else signature,
        event_ids=tuple(events)[:MAX_EVENT_IDS],
        first_time=min(times, default=0.0),
        outcome=one.outcome if len({finding.outcome for finding in findings}) == 1 else "success",
        detail={},
        row=one.row if len(findings) == 1 else {},
        rows=_bounded(finding.row or _fields(finding) for finding in findings),
        row_count=len(findings),
        batch=_digest(findings),
    )


def _digest(findings: Iterable[Finding]) -> str:
    """Of all rows with all of their events: the same rows again, and only those, have the same."""
    digest = hashlib.sha256()
    for finding in findings:
        shown = finding.to_dict()
        digest.update(json.dumps(shown, sort_keys=True, default=str).encode("utf-8", "replace"))
    return f"rows-{digest.hexdigest()[:16]}"


def _common(findings: Sequence[Finding], name: str) -> str:
    different = {str(getattr(finding, name)) for finding in findings}
    return different.pop() if len(different) == 1 else ""


def _rows(findings: Sequence[Finding]) -> tuple[Mapping[str, str], ...]:
    return _bounded(row for finding in findings for row in finding.rows)


def _bounded(rows: Iterable[Mapping[str, str]]) -> tuple[Mapping[str, str], ...]:
    found, left = [], MAX_ROWS_WEIGHT
    for row in rows:
        # As it is kept: of a letter that is not ASCII, JSON makes six.
        left -= len(json.dumps(dict(row)))
        if left < 0:
            break
        found.append(row)
    return tuple(found)


def _fields(finding: Finding) -> Mapping[str, str]:
    """The row of a finding of ours, whose fields are all there is to it."""
    shown = finding.to_dict()
    names = ("severity", "signature", "vendor_account", "vendor_region", *_NAMED, "command", "outcome", "reason")
    row = {name: str(shown[name]) for name in names if shown[name]}
    return {**row, "event_ids": ", ".join(finding.event_ids[:20])}


def named(given: Iterable[str]) -> str:
    """The first few different values, and how many more there are."""
    different = list(dict.fromkeys(value for value in given if value))
    rest = len(different) - MAX_NAMED
    return ", ".join(different[:MAX_NAMED]) + (f" and {rest} more" if rest > 0 else "")
