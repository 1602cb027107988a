"""Results that alerts of this search head could not hand over, and that its worker has not taken up either."""

from __future__ import annotations

import time
from collections.abc import Iterable

from ...cases import spool
from ..line import Check, Line, amber, green, name, red, span

#: Seconds that they may wait: a few rounds of the worker; then hours.
OLD, VERY_OLD = 600.0, 6 * 3600.0
#: Folders that are named.
MOST = 3


def look(about: object) -> Iterable[Line]:
    damaged = spool.damaged()
    for one in damaged[:MOST]:
        what = f"Results of an alert were kept on this search head in the folder {name(one)}, and cannot be read."
        yield red(what, f"Look into it, in {spool.folder()}, run the alert again, then remove the folder.")
    if len(damaged) > MOST:
        yield red(f"{len(damaged) - MOST:,} more folders like that.", f"Look into {spool.folder()}.")
    waiting = list(spool.waiting())
    if waiting:
        now = time.time()
        oldest = max(0.0, now - min((one.kept_at for one in waiting if one.kept_at), default=now))
        what = f"Runs of alerts whose results wait on this search head: {len(waiting)}, the oldest for {span(oldest)}."
        to_do = "The worker takes them up: look at its line, and into cloudtrail_responder_worker.log for 'spool='."
        yield red(what, to_do) if oldest > VERY_OLD else amber(what, to_do) if oldest > OLD else green(what)
    elif not damaged:
        yield green("No results of alerts wait on this search head.")


CHECK = Check("Spooled results", 23, look)
