"""``list_silenced``: searches that count what an entry of an exception list has silenced. Post ``{"list", "key"}``.

Whoever looks runs them with their own rights: they are the detections' own, with this entry as the only exception.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import NotFound, Rejected
from ..findings import shipped
from .base import Endpoint, Request
from .detection import trial_of
from .detections import of_the_app

#: Lists whose entries are judged on the rows of a detection (macro cloudtrail_judge_exceptions).
JUDGED = ("responder_allowed_principals", "responder_automation_roles")
_KEY = re.compile(r"[0-9A-Za-z_.-]{1,100}")


@dataclass(frozen=True)
class SilencedSearch:
    detection: str
    title: str
    spl: str


@dataclass(frozen=True)
class SilencedSearches:
    #: Of the detections that are on and that the entry is for.
    searches: Sequence[SilencedSearch]


def answer(request: Request) -> Mapping[str, object]:
    lookup, key = request.text("list", 100), request.text("key", 100)
    if lookup not in JUDGED:
        raise Rejected("Only entries of Allowed principals and Automation roles can be asked about.")
    document = request.splunkd.fetch(lookup, key) if _KEY.fullmatch(key) else None
    if document is None:
        raise NotFound("The entry is no longer there.", "Look at the list again.")
    saved = of_the_app(request.splunkd)
    found = [
        SilencedSearch(one.id, one.title, _silenced(trial_of(saved[one.search_name].search), one.id, lookup, key))
        for one in shipped.detections().values()
        if one.search_name in saved and saved[one.search_name].is_on and is_for(document, one.id)
    ]
    return dataclasses.asdict(SilencedSearches([one for one in found if one.spl]))


def is_for(entry: Mapping[str, Any], detection: str) -> bool:
    """Whether an entry is for this detection: all are, that name none (as the macro has it)."""
    named = str(entry.get("detection") or "*").strip().lower()
    return re.fullmatch(re.escape(named).replace(r"\*", ".*"), detection) is not None


def _silenced(spl: str, detection: str, lookup: str, key: str) -> str:
    """Empty where somebody has taken the exceptions out of the search."""
    judged = (
        f'| eval is_finding=1\n| inputlookup append=t {lookup} where _key="{key}"\n'
        f"| `cloudtrail_judge_exceptions({detection})`\n| where isnotnull(exception)"
    )
    before, macro, after = spl.partition(f"| `cloudtrail_apply_exceptions({detection})`")
    return before + judged + after if macro else ""


ENDPOINT = Endpoint("list_silenced", "cloudtrail_responder_view", answer, SilencedSearches)
