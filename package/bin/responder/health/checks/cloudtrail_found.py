"""Does the macro ``cloudtrail_index`` find CloudTrail, and when did the last of it come?"""

from __future__ import annotations

from collections.abc import Iterable

from ...splunk.search import search
from .. import sample
from ..line import Check, Line, amber, green, name, red, some, span
from ..surroundings import Surroundings

#: Seconds without a new event after which it is said; CloudTrail delivers every five minutes or so.
SILENT = 6 * 3600.0
LONG_AGO = 30 * 86_400.0
#: What every record has in its text, whatever wraps it. Where it is found, CloudTrail may be.
LOOK_ALIKES = "search index=* eventSource eventName userIdentity | head 500 | stats count BY index sourcetype"
MACRO = "Settings > Advanced search > Search macros, app CloudTrail Responder, cloudtrail_index"


def look(about: Surroundings) -> Iterable[Line]:
    now, seen = about.splunkd.now(), about.sample.events
    if not seen:
        return [_nothing(about, now)]
    places = [f"index={name(index)} sourcetype={name(kind)}" for index, kind in sorted({one.place for one in seen})]
    newest = max(one.indexed for one in seen)
    where = f"CloudTrail is found in {some(places, 5)}; the newest event checked came {span(now - newest)} ago."
    if now - newest > SILENT:
        return [amber(where, "Check the input that brings CloudTrail in, and that the trail is logging.")]
    return [green(where)]


def _nothing(about: Surroundings, now: float) -> Line:
    older = search(
        about.splunkd,
        "search `cloudtrail_index` | head 1 | eval happened=_time | table happened",
        now - LONG_AGO,
        now,
        longest=sample.LONGEST,
    )
    if older:
        ago = span(now - sample.moment(older[0].get("happened")))
        return red(
            f"The macro cloudtrail_index finds no event of the last 24 hours; the newest is {ago} old.",
            "Check the input that brings CloudTrail in, and that the trail is logging.",
        )
    alike = search(about.splunkd, LOOK_ALIKES, now - sample.WINDOW, now + sample.AHEAD, longest=sample.LONGEST)
    if alike:
        places = [f"index={name(row.get('index'))} sourcetype={name(row.get('sourcetype'))}" for row in alike]
        return red(
            "The macro cloudtrail_index finds nothing, but events that look like CloudTrail are elsewhere.",
            f"Set the macro to where they are: {some(places, 5)} ({MACRO}).",
        )
    return red(
        "The macro cloudtrail_index finds no event of the last 30 days.",
        f"Bring CloudTrail in, or set the macro to where it is indexed ({MACRO}).",
    )


CHECK = Check("CloudTrail found", 10, look)
