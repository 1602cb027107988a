"""The search for CloudTrail records by their event ids; one for those who ask at the same moment."""

from __future__ import annotations

import copy
import re
import threading
import weakref
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import at_work
from ..coalescing import Coalescer
from ..errors import ResponderError
from ..splunk.client import Splunkd
from ..splunk.search import LONGEST, search

#: Event ids in one search; a finding has at most 500.
BATCH = 100
#: Findings with so many event ids at most share a search; those with more have enough of their own.
FEW = 5
#: Seconds in which those who ask nearly at the same moment come together, while several are at work.
LINGER = 0.01
DAY = 86_400.0
#: The form of a CloudTrail eventID, and the only thing that ever goes into the search.
EVENT_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
#: Deliveries of one record that are looked at: trails overlap and files are read twice.
COPIES = 3
#: Pairs of days for which findings come together.
_REMEMBERED = 32

#: Event ids in the address of a search: browsers and proxies cut long ones.
SHOWN = 20

Result = dict[str, Any]


@dataclass(frozen=True)
class _Asked:
    event_ids: tuple[str, ...]
    earliest: float
    latest: float
    #: Seconds after which Splunk ends the search.
    longest: int


def records_of(
    splunkd: Splunkd, event_ids: Sequence[str], earliest: float, latest: float, longest: int = LONGEST
) -> list[Result]:
    """The results of ``spl`` for at most ``BATCH`` event ids, between two moments. Raises what ``search`` raises.

    Who asks at the same moment about events of the same days shares a search, over all of their time; each gets what a
    search of its own would have found.
    """
    asked = _Asked(tuple(event_ids), earliest, latest, longest)
    if len(event_ids) > FEW:
        return _search(splunkd, asked)
    found = _together(splunkd, asked).ask(asked)
    # Others may have asked for the same events: what each gets is its own.
    return _search(splunkd, asked) if found is None else copy.deepcopy(found)


def for_people(event_ids: Sequence[str]) -> str:
    """What a person searches for to see records: the events by their ids; empty where none has the form of one."""
    ids = [event_id.lower() for event_id in event_ids if is_event_id(event_id.lower())][:SHOWN]
    return f"`cloudtrail_index` ({' OR '.join(ids)})" if ids else ""


def is_event_id(text: str) -> bool:
    """Whether a text has the form of a CloudTrail eventID in lower case."""
    return EVENT_ID.fullmatch(text) is not None


def spl(event_ids: Sequence[str]) -> str:
    """The search for the records of some events, at most ``COPIES`` of each and shape.

    The ids are looked up as words, which is fast. What is found is normalized as the detections do it, so that a record
    counts in whatever shape it came; then those are kept whose id it is, or which amend that event (``proved_amends``:
    1), and not those that mention it somewhere. Of an event in a shape that is not read, only the shape comes back
    (``proved_unread``), with the ids that stand in it.
    Raises ValueError for anything that is not an event id in lower case.
    """
    if not event_ids or not all(map(is_event_id, event_ids)):
        raise ValueError("not CloudTrail event ids")
    quoted = [f'"{event_id}"' for event_id in event_ids]
    return (
        f"search `cloudtrail_index` ({' OR '.join(quoted)}) | `cloudtrail_drop_extracted_fields`"
        # The time by which the event was searched for: a record in a file has its own.
        " | eval proved_time=_time, proved_indexed=_indextime | `cloudtrail_normalize`"
        ' | eval proved_unread=if(cloudtrail_record="none", cloudtrail_shape, null())'
        f' | rex field=_raw max_match=0 "(?i)(?<mentioned_id>{"|".join(event_ids)})"'
        " | eval mentioned_id=if(isnull(proved_unread), null(), mvdedup(mentioned_id)) | mvexpand mentioned_id"
        " | spath output=proved_id path=eventID | spath output=amended_id path=addendum.originalEventID"
        f" | eval proved_amends=if(lower(amended_id) IN ({', '.join(quoted)}), 1, 0),"
        " proved_id=coalesce(mentioned_id, if(proved_amends=1, amended_id, proved_id))"
        f" | search proved_id IN ({', '.join(quoted)})"
        ' | eval proved_shape=cloudtrail_shape, _raw=if(isnull(proved_unread), _raw, "")'
        f" | dedup {COPIES} proved_id proved_shape proved_amends"
        " | table proved_id proved_time proved_indexed proved_shape proved_amends proved_unread _raw"
    )


def _search(splunkd: Splunkd, asked: _Asked) -> list[Result]:
    return search(splunkd, spl(asked.event_ids), asked.earliest, asked.latest, asked.longest)


def _search_for_all(splunkd: Splunkd | None, group: Sequence[_Asked]) -> Sequence[list[Result] | None | Exception]:
    if splunkd is None:
        raise ReferenceError("the client of splunkd is gone")
    if len(group) == 1:
        return [_search(splunkd, group[0])]
    event_ids = tuple(dict.fromkeys(event_id for asked in group for event_id in asked.event_ids))
    earliest, latest = min(asked.earliest for asked in group), max(asked.latest for asked in group)
    try:
        results = _search(splunkd, _Asked(event_ids, earliest, latest, group[0].longest))
    except ResponderError as error:
        return [error for _ in group]
    copies = Counter(_copy(result) for result in results)
    return [_part(asked, results, copies) for asked in group]


def _part(asked: _Asked, results: Sequence[Result], copies: Mapping[tuple[str, ...], int]) -> list[Result] | None:
    """What a search for these events alone had found; None where that cannot be told.

    A record may be there more often than it is looked at. Copies of other days may then hide those of the days that
    are asked for.
    """
    part: list[Result] = []
    for result in results:
        event_id = str(result.get("proved_id")).lower()
        if event_id not in asked.event_ids:
            continue
        time = _epoch(result.get("proved_time"))
        if time is None or not asked.earliest <= time < asked.latest:
            if time is None or copies[_copy(result)] >= COPIES:
                return None
            continue
        part.append(result)
    return part


def _copy(result: Result) -> tuple[str, ...]:
    """What copies of one record agree in, as far as the search counts them."""
    return str(result.get("proved_id")).lower(), str(result.get("proved_shape")), str(result.get("proved_amends"))


def _epoch(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


#: And within how many seconds it has to end.
_Days = tuple[int, int, int]
_Sharing = Coalescer[_Asked, "list[Result] | None"]
_lock = threading.Lock()
_shared: weakref.WeakKeyDictionary[Splunkd, OrderedDict[_Days, _Sharing]] = weakref.WeakKeyDictionary()


def _together(splunkd: Splunkd, asked: _Asked) -> _Sharing:
    """Those whose windows begin and end on the same days: a search for all is hardly longer than one for each."""
    days = int(asked.earliest // DAY), int(asked.latest // DAY), asked.longest
    with _lock:
        kept = _shared.setdefault(splunkd, OrderedDict())
        if days not in kept:
            # Weakly, or the client would never be forgotten.
            client = weakref.ref(splunkd)
            kept[days] = Coalescer(lambda group: _search_for_all(client(), group), BATCH // FEW, LINGER, at_work.number)
        kept.move_to_end(days)
        while len(kept) > _REMEMBERED:
            kept.popitem(last=False)
        return kept[days]
