"""How late does CloudTrail come: from the event to the index? What comes later than detections look is never seen."""

from __future__ import annotations

from collections.abc import Iterable

from ...splunk.search import search
from .. import sample
from ..line import Check, Line, amber, green, red, span
from ..surroundings import Surroundings

#: Seconds of index time that are looked at: a detection's own window.
INDEXED_WITHIN = 900.0
#: Seconds: half an hour is usual, behind an hour people are told late; detections look 24 hours back, an hour ahead.
LATE, TOO_LATE, TOO_EARLY = 3600.0, 86_400.0, -3600.0
#: Seconds of event time that are looked at, back and ahead: a little more than detections look.
BACK, AHEAD = 2 * 86_400.0, 86_400.0
SPL = (
    "search `cloudtrail_index` | eval late=_indextime-_time"
    " | stats count perc50(late) AS usual perc95(late) AS most max(late) AS latest min(late) AS earliest"
    f" count(eval(late>{TOO_LATE:.0f})) AS too_late"
)


def look(about: Surroundings) -> Iterable[Line]:
    now = about.splunkd.now()
    (found, *_) = [
        *search(
            about.splunkd,
            SPL,
            now - BACK,
            now + AHEAD,
            longest=sample.LONGEST,
            index_earliest=now - INDEXED_WITHIN,
        ),
        {},
    ]
    count = int(sample.moment(found.get("count")))
    if not count:
        return [green("No event came in the last 15 minutes, so there is nothing to measure.")]
    usual, most, latest, earliest = (sample.moment(found.get(key)) for key in ("usual", "most", "latest", "earliest"))
    said = f"Events indexed in the last 15 minutes: {count}; half came within {span(usual)}, 95% within {span(most)}."
    return [_level(said, most), *_outside(int(sample.moment(found.get("too_late"))), latest, earliest)]


def _level(said: str, most: float) -> Line:
    if most > LATE:
        return amber(said, "Findings have the same delay. Check the input's queue; CloudTrail itself takes 5 minutes.")
    return green(said)


def _outside(too_late: int, latest: float, earliest: float) -> Iterable[Line]:
    if too_late:
        yield red(
            f"{too_late} events came more than a day after they happened, the latest {span(latest)} later.",
            "Detections look 24 hours back and do not see them. Run them once by hand over that time.",
        )
    if earliest < TOO_EARLY:
        yield red(
            f"Events are dated up to {span(earliest)} in the future.",
            "The time zone is read wrongly: eventTime is UTC. Check TIME_PREFIX and TZ of the source type.",
        )


CHECK = Check("CloudTrail delay", 11, look)
