"""Is an event's time the time at which it happened?"""

from __future__ import annotations

import calendar
import time
from collections.abc import Iterable

from ..line import Check, Line, amber, green, name, some, span
from ..sample import Seen
from ..surroundings import Surroundings

#: Seconds by which they may differ.
TOLERANCE = 60.0


def look(about: Surroundings) -> Iterable[Line]:
    dated = [(seen, happened) for seen in about.sample.records if (happened := _event_time(seen)) is not None]
    if not dated:
        return [green("No record with an eventTime was found.")]
    wrong = [(seen, seen.time - happened) for seen, happened in dated if abs(seen.time - happened) > TOLERANCE]
    if not wrong:
        return [green(f"Records looked at: {len(dated)}; their time is their eventTime.")]
    places = some(sorted({f"index={name(seen.index)} sourcetype={name(seen.sourcetype)}" for seen, _ in wrong}))
    most = max((difference for _, difference in wrong), key=abs)
    return [
        amber(
            f"The time of {len(wrong)} of {len(dated)} records is up to {span(most)} off their eventTime ({places}).",
            "Set TIME_PREFIX, TIME_FORMAT and TZ of the source type where data is parsed, as the add-on for AWS does.",
        )
    ]


def _event_time(seen: Seen) -> float | None:
    try:
        return float(calendar.timegm(time.strptime(str((seen.event or {})["eventTime"]), "%Y-%m-%dT%H:%M:%SZ")))
    except (KeyError, ValueError):
        return None


CHECK = Check("CloudTrail times", 14, look)
