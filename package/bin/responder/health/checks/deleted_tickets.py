"""Were tickets of cases deleted, or taken from the app's sight? Their next findings open others."""

from __future__ import annotations

from collections.abc import Iterable

from ...cases.store import CASES
from ...handlers.ticket_gone import DELETED
from ..line import Check, Line, amber, green, name, some, span
from ..surroundings import Surroundings

DAY = 86_400.0
#: Seconds in which a ticket was found to be gone; age of the cases that are looked at, and how many are.
RECENT, OLDEST, MOST = 7 * DAY, 90 * DAY, 200
_TO_DO = (
    "If nobody should delete tickets, take the permission Delete issues from people in Jira. If a ticket is there, let "
    "the app's account browse its project and security level. The next finding opens another ticket."
)


def look(about: Surroundings) -> Iterable[Line]:
    now = about.splunkd.now()
    query = {"opened_at": {"$gt": now - OLDEST}, "ticket_status": DELETED}
    cases = about.splunkd.find(CASES, query, sort="opened_at:-1", limit=MOST)
    gone = [name(case.get("ticket")) for case in cases if _closed_at(case.get("ticket_closed_at")) > now - RECENT]
    if gone:
        what = f"Tickets that were deleted, or that the app cannot see, in the last {span(RECENT)}: {some(gone)}."
        yield amber(what, _TO_DO)
    else:
        yield green(f"No ticket of a case was deleted in the last {span(RECENT)}, as far as the app has looked.")


def _closed_at(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


CHECK = Check("Deleted tickets", 45, look)
