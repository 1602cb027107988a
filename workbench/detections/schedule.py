"""How often a detection runs, over which events, and what all of them together cost a search head.

How often follows from how severe it is. A detection may name its urgency itself: where minutes count, or where a run
is dear.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

#: Minutes from one run to the next. CloudTrail itself delivers about five minutes after a call.
EVERY_MINUTES = {"immediate": 5, "urgent": 15, "normal": 30, "hourly": 60, "low": 120, "slow": 240}
#: Scheduled runs an hour that all detections and baselines together may cost, as if all were enabled.
MOST_RUNS = 300.0
#: Minutes that an event has been indexed before a run looks: until then it is searchable everywhere, also where the
#: clock of an indexer is a little slow. It is what findings are later by, so it is short where minutes count.
SETTLE_MINUTES = {"immediate": 2, "urgent": 5, "normal": 5, "hourly": 5, "low": 5, "slow": 5}
#: An event may arrive so much later than it happened: an input that was down overnight loses nothing.
LOOKBACK = "24h"
#: Minutes from one run of a search that keeps a baseline to the next.
BASELINE_EVERY = 120


@dataclass(frozen=True)
class Schedule:
    """Each run has a slice of index time of its own, as long as its period; it ends ``settle_minutes`` before the run.

    Slices touch and never overlap, so that an event is in one run only: whatever action a finding starts, it starts
    once.
    """

    urgency: str
    #: Minutes before its slice that a run reads as well, to see whole what needs several events.
    overlap_minutes: int = 0
    #: How old an event may be when it arrives, as a span: ``24h``.
    lookback: str = LOOKBACK

    @property
    def every_minutes(self) -> int:
        return EVERY_MINUTES[self.urgency]

    @property
    def settle_minutes(self) -> int:
        return SETTLE_MINUTES[self.urgency]

    @property
    def slice_minutes(self) -> int:
        """How long before a run its slice begins."""
        return self.every_minutes + self.settle_minutes

    @property
    def window_minutes(self) -> int:
        """How long before a run begins what it reads."""
        return self.slice_minutes + self.overlap_minutes

    @property
    def baseline_window_minutes(self) -> int:
        """A baseline's search covers a window of its detection more than its period: so it sees every burst whole."""
        return BASELINE_EVERY + self.window_minutes

    @property
    def runs_an_hour(self) -> float:
        return 60 / self.every_minutes


def urgency_of(severity: str) -> str:
    """What a detection that names none has. Those that spread by the minute name a higher one."""
    return {"critical": "urgent", "high": "hourly"}.get(severity, "slow")


def cron(name: str, every_minutes: int) -> str:
    """At a minute (and hour) derived from the name, so that the searches do not all start at the same time."""
    place = int(hashlib.sha256(name.encode()).hexdigest(), 16)
    if every_minutes < 60:
        return f"{place % every_minutes}-59/{every_minutes} * * * *"
    hours = every_minutes // 60
    hour = "*" if hours == 1 else f"{place // 60 % hours}-23/{hours}"
    return f"{place % 60} {hour} * * *"
