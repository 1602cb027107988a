"""Findings of Enterprise Security's queue (notables) that a finding of ours came from: who they are there.

Ids are opaque; source: rows of ES 7 (``<guid>@@notable@@<hash>``) and the ids that ES 8's API takes
(``<uuid>@@notable@@time<epoch>``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .finding import Finding

#: Notes are written to so many findings of one run at most.
MOST = 20
#: Goes into an address and into a search, so nothing else may be in it.
_ID = re.compile(r"[A-Za-z0-9_.-]{1,120}@@notable@@[A-Za-z0-9_.-]{1,120}")
_TIME = re.compile(r"@@notable@@time([0-9]{9,11})")


@dataclass(frozen=True)
class Notable:
    """One finding of the queue."""

    id: str
    #: Of the search that found it, and of its row there: how Enterprise Security links actions to it.
    orig_sid: str = ""
    orig_rid: str = ""
    search_name: str = ""

    @property
    def time(self) -> str:
        """Epoch seconds, where the id says it: ES 8's API asks for them."""
        found = _TIME.search(self.id)
        return found[1] if found else ""


def notables_of(finding: Finding | None) -> Sequence[Notable]:
    """Those that a finding came from, each once; nothing for one that came from elsewhere."""
    rows = (finding.row, *finding.rows) if finding is not None else ()
    found = {notable.id: notable for row in rows for notable in [notable_of(row)] if notable}
    return list(found.values())[:MOST]


def notable_of(row: Mapping[str, str]) -> Notable | None:
    for name in ("event_id", "rule_id", "finding_id"):
        if _ID.fullmatch(row.get(name) or ""):
            named = row.get("search_name") or row.get("source") or row.get("rule_name") or ""
            return Notable(row[name], row.get("orig_sid") or "", row.get("orig_rid") or "", named)
    return None
