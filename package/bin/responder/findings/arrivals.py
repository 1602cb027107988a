"""CloudTrail's records of calls that the app has made, and when records came into the index.

A record is found by the id that AWS answered the call with (``requestID``; CloudTrail User Guide, "CloudTrail record
contents": "the service being called generates this value"). When it was indexed is Splunk's own ``_indextime``.
"""

from __future__ import annotations

import re
import threading
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .. import at_work
from ..coalescing import Coalescer
from ..errors import ResponderError
from ..splunk.client import Splunkd
from ..splunk.search import search
from .record_search import is_event_id

#: Ids of one search, and of one who asks. More event ids than that tell nothing new: the first one counts.
BATCH, MOST = 100, 10
#: Seconds in which those who ask nearly at the same moment come together, while several are at work.
LINGER = 0.01
#: What stands where a record has nothing: without a value it would not be counted. And what of a result is text.
_NONE, _TEXTS = "-", ("request", "event", "account", "name", "error")
#: The forms of request ids (UUIDs, the letters and digits of S3), and the only thing that goes into the search.
_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{7,63}")


@dataclass(frozen=True)
class Arrival:
    """A record in the index."""

    request_id: str
    event_id: str
    account: str
    #: As CloudTrail names the call (``eventName``).
    name: str
    #: Empty where the call succeeded.
    error: str
    #: Epoch seconds: of the call, and of the moment at which the first copy of the record was indexed.
    at: float
    indexed_at: float

    @property
    def latency(self) -> float:
        """Seconds from the call to the index; CloudTrail's times have whole seconds, and clocks differ."""
        return max(self.indexed_at - self.at, 0.0)


@dataclass(frozen=True)
class _Asked:
    ids: tuple[str, ...]
    earliest: float
    latest: float


def is_request_id(text: str) -> bool:
    """Whether a text can be looked up as the id of a request."""
    return _REQUEST_ID.fullmatch(text) is not None


def arrivals(splunkd: Splunkd, ids: Iterable[str], earliest: float, latest: float) -> Sequence[Arrival]:
    """Records with these request or event ids that the CloudTrail index holds, between two moments of the call.

    What is none of such ids is passed over. Who asks at the same moment shares a search. Raises what ``search`` raises.
    """
    wanted = tuple(dict.fromkeys(one for one in ids if is_request_id(one)))[:BATCH]
    if not wanted:
        return ()
    return _together(splunkd).ask(_Asked(wanted, earliest, latest))


def spl(ids: Sequence[str]) -> str:
    """The search; an event counts if the id is the record's own, not one that it mentions. Raises ValueError."""
    if not ids or not all(map(is_request_id, ids)):
        raise ValueError("not ids of requests or events")
    quoted = ", ".join(f'"{one}"' for one in ids)
    return (
        f"search `cloudtrail_index` ({quoted.replace(', ', ' OR ')})"
        " | `cloudtrail_drop_extracted_fields` | eval arrived_at=_indextime"
        # Of what Security Lake made of a record, the shape that is rebuilt has no place for it.
        " | spath output=arrived_ocsf path=api.request.uid | `cloudtrail_normalize`"
        " | spath output=arrived_request path=requestID | eval arrived_request=coalesce(arrived_request, arrived_ocsf)"
        " | spath output=arrived_event path=eventID"
        f" | search arrived_request IN ({quoted}) OR arrived_event IN ({quoted})"
        " | spath output=arrived_name path=eventName | spath output=arrived_error path=errorCode"
        " | spath output=arrived_account path=recipientAccountId"
        " | spath output=arrived_caller path=userIdentity.accountId"
        " | eval arrived_account=coalesce(arrived_account, arrived_caller) | spath output=arrived_time path=eventTime"
        f' | fillnull value="{_NONE}" arrived_request arrived_name arrived_error arrived_account arrived_time'
        # Security Lake's first version has no such text; then the event's own time counts.
        " | stats min(arrived_at) AS arrived_at, min(_time) AS arrived_moment BY arrived_event arrived_request"
        " arrived_name arrived_error arrived_account arrived_time"
    )


def epoch_of(event_time: str) -> float:
    """Epoch seconds of CloudTrail's ``eventTime``, as in 2026-11-28T21:48:01Z. Raises ValueError for another text."""
    parsed = datetime.strptime(event_time.split(".")[0].rstrip("Z"), "%Y-%m-%dT%H:%M:%S")
    return parsed.replace(tzinfo=timezone.utc).timestamp()


def moment_of(result: Mapping[str, Any], prefix: str) -> float:
    """When a call was made: ``eventTime``, else the event's time. Raises KeyError, TypeError or ValueError."""
    text = _text(result.get(f"{prefix}_time"))
    return epoch_of(text) if text else float(result[f"{prefix}_moment"])


def _search_for_all(splunkd: Splunkd | None, group: Sequence[_Asked]) -> Sequence[Sequence[Arrival] | Exception]:
    if splunkd is None:
        raise ReferenceError("the client of splunkd is gone")
    ids = tuple(dict.fromkeys(one for asked in group for one in asked.ids))
    found: list[Arrival] = []
    try:
        for start in range(0, len(ids), BATCH):
            earliest, latest = min(one.earliest for one in group), max(one.latest for one in group)
            results = search(splunkd, spl(ids[start : start + BATCH]), earliest, latest)
            found += filter(None, map(_arrival, results))
    except ResponderError as error:
        return [error for _ in group]
    return [[one for one in found if _is_asked(one, asked)] for asked in group]


def _is_asked(found: Arrival, asked: _Asked) -> bool:
    return found.request_id in asked.ids or found.event_id in asked.ids


def _arrival(result: Mapping[str, Any]) -> Arrival | None:
    """None for what has no such times: it is no record that says anything here."""
    try:
        said = {name: _text(result.get(f"arrived_{name}")) for name in _TEXTS}
        times = moment_of(result, "arrived"), float(result["arrived_at"])
        return Arrival(said["request"], said["event"], said["account"], said["name"], said["error"], *times)
    except (KeyError, TypeError, ValueError):
        return None


def _text(value: Any) -> str:
    text = str(value or "")
    return "" if text == _NONE else text


_Sharing = Coalescer[_Asked, Sequence[Arrival]]
_lock = threading.Lock()
_shared: weakref.WeakKeyDictionary[Splunkd, _Sharing] = weakref.WeakKeyDictionary()


def _together(splunkd: Splunkd) -> _Sharing:
    with _lock:
        if splunkd not in _shared:
            # Weakly, or the client would never be forgotten.
            client = weakref.ref(splunkd)
            _shared[splunkd] = Coalescer(
                lambda group: _search_for_all(client(), group), BATCH // MOST, LINGER, at_work.number
            )
        return _shared[splunkd]


def event_ids_of(ids: Iterable[str]) -> tuple[str, ...]:
    """Of a finding's event ids those that are CloudTrail's, as many as are worth a look-up."""
    return tuple(one.lower() for one in ids if is_event_id(one.lower()))[: MOST // 2]

