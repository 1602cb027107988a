"""Who takes care of a case: a user of Splunk whom a person has chosen. People read it; nothing is decided by it.

    responder_assignments/<case>    assignee (empty: nobody), by, at

Beside the case's own document, which is written by whoever reads Jira.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..errors import one_line
from ..splunk.client import Splunkd
from ..splunk.queries import any_of

ASSIGNMENTS = "responder_assignments"


def of(splunkd: Splunkd, cases: Sequence[str]) -> dict[str, str]:
    """The assignee of each case that has one. Raises a ResponderError."""
    found = (one for query in any_of("_key", cases) for one in splunkd.find(ASSIGNMENTS, query))
    return {str(one["_key"]): one_line(one["assignee"]) for one in found if one.get("assignee")}


def of_user(splunkd: Splunkd, user: str, most: int) -> list[str]:
    """Cases of somebody, those first that were given last. Raises a ResponderError."""
    query = {"assignee": user, "at": {"$gt": 0}}
    return [str(one["_key"]) for one in splunkd.find(ASSIGNMENTS, query, sort="at:-1", limit=most, fields="_key")]


def assign(splunkd: Splunkd, case: str, assignee: str, by: str, now: float) -> None:
    """Raises a ResponderError; then it is not known whether it was written."""
    splunkd.save_many(ASSIGNMENTS, [{"_key": case, "assignee": assignee, "by": by, "at": now}])


def forget(splunkd: Splunkd, cases: Iterable[str]) -> None:
    """Of cases that are removed."""
    for query in any_of("_key", list(cases)):
        splunkd.delete_where(ASSIGNMENTS, query)
