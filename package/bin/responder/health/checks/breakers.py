"""Which services are left alone at the moment, because they did not answer."""

from __future__ import annotations

from collections.abc import Iterable

from ...engine.breaker import Marks
from ..line import Check, Line, amber, green, name, span
from ..surroundings import Surroundings


def look(about: Surroundings) -> Iterable[Line]:
    openings = Marks(about.splunkd).read()
    if not openings:
        return [green("No service is left alone.")]
    now = about.splunkd.now()
    return [
        amber(
            f"{name(service)} did not answer and is left alone for {span(max(0.0, opening.until - now))} more.",
            "It is tried again by itself, and at once when its entry on the setup page is saved.",
        )
        for service, opening in sorted(openings.items())
    ]


CHECK = Check("Breakers", 24, look)
