"""``list_silenced``: searches that count what an entry of a list has silenced. Post ``{"list", "key"}``.

Whoever looks runs them with their own rights: they are the detections' own, as if this entry were not there.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import NotFound, Rejected
from ..findings import shipped
from ..findings.silencing import SILENCING
from .base import Endpoint, Request
from .detection import trial_of
from .detections import of_the_app

_KEY = re.compile(r"[0-9A-Za-z_.-]{1,100}")


@dataclass(frozen=True)
class SilencedSearch:
    detection: str
    title: str
    #: Its results are what the entry silences, and what ``still`` finds.
    spl: str
    #: What is found although the entry is there; empty where nothing can be.
    still: str


@dataclass(frozen=True)
class SilencedSearches:
    #: Of the detections that are on and that the entry is for.
    searches: Sequence[SilencedSearch]


def answer(request: Request) -> Mapping[str, object]:
    lookup, key = request.text("list", 100), request.text("key", 100)
    if lookup not in SILENCING:
        raise Rejected("Entries of this list silence nothing.")
    document = request.splunkd.fetch(lookup, key) if _KEY.fullmatch(key) else None
    if document is None:
        raise NotFound("The entry is no longer there.", "Look at the list again.")
    saved, macros = of_the_app(request.splunkd), _macros(request)
    found = []
    for one in shipped.detections().values():
        if one.search_name in saved and saved[one.search_name].is_on and is_for(document, one.id):
            spl = trial_of(saved[one.search_name].search)
            silenced = SILENCING[lookup](spl, one.id, key, document, macros)
            if silenced.without:
                found.append(SilencedSearch(one.id, one.title, silenced.without, silenced.still))
    return dataclasses.asdict(SilencedSearches(found))


def _macros(request: Request) -> Mapping[str, str]:
    return {name: stanza.get("definition", "") for name, stanza in request.splunkd.conf("macros").items()}


def is_for(entry: Mapping[str, Any], detection: str) -> bool:
    """Whether an entry is for this detection: all are, that name none (as the macro has it)."""
    named = str(entry.get("detection") or "*").strip().lower()
    return re.fullmatch(re.escape(named).replace(r"\*", ".*"), detection) is not None


ENDPOINT = Endpoint("list_silenced", "cloudtrail_responder_view", answer, SilencedSearches)
