"""Has a limit on changes been reached, so that changes wait for people?"""

from __future__ import annotations

from collections.abc import Iterable

from ...remediation import change_stops
from ..line import Check, Line, amber, green, name, span
from ..surroundings import Surroundings


def look(about: Surroundings) -> Iterable[Line]:
    stops = [stop for stop in change_stops.every(about.splunkd) if not stop.is_of_run]
    for stop in stops:
        yield amber(
            f"Changes wait for people for {span(about.splunkd.now() - stop.since)}, since a limit was reached: "
            f"{name(change_stops.said(stop.scope))}.",
            "Look at | respondwaiting; an administrator resets the limit: | respondchangelimits.",
        )
    if not stops:
        yield green("No limit on changes was reached.")


CHECK = Check("Change limits", 26, look)
