"""What is put together in one ticket and one thread: cases of one actor, and many findings of one detection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .parsing import StanzaReader

#: A week: no incident goes on for longer.
MOST_HOURS = 168


@dataclass(frozen=True)
class Grouping:
    #: Cases of one actor within so many hours are one incident; 0: each case has its own ticket.
    incident_hours: int = 24
    #: So many new cases of one detection in a run have tickets of their own; more are one digest. 0: any number.
    digest_limit: int = 10

    @classmethod
    def from_conf(cls, general: Mapping[str, str]) -> Grouping:
        """Raises ConfigurationError."""
        read = StanzaReader(general, "General", "General")
        return cls(
            incident_hours=read.number("incident_hours", "Hours of an incident", cls.incident_hours, 0, MOST_HOURS),
            digest_limit=read.number("digest_limit", "Tickets of a detection in a run", cls.digest_limit, 0, 1000),
        )
