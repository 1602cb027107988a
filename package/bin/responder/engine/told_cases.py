"""Cases that the ticket and thread of another case tell of (docs/incidents.md): they may have no document of their own.

People look at them, excuse them and have them remediated as any other case, so a document is made of what is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..cases.keys import case_of_event
from ..cases.outcomes import MessagePosted
from ..cases.store import CASES, case_document
from ..cases.task import TASKS, Document, Task
from ..splunk.client import Splunkd
from ..splunk.queries import any_of
from .case_state import readable

#: Documents that are read to make those of cases.
MOST = 2_000


def documents(splunkd: Splunkd, cases: Sequence[str]) -> list[Document]:
    """Of cases, by their ids: their own, else as they are told. None of cases that there are none of."""
    found = [case for query in any_of("_key", cases) for case in splunkd.find(CASES, query)]
    known = {str(case["_key"]) for case in found}
    return [*found, *_told(splunkd, [case for case in cases if case not in known])]


def _told(splunkd: Splunkd, cases: Sequence[str]) -> list[Document]:
    oldest: dict[str, Task] = {}
    for query in any_of("about", cases):
        for document in splunkd.find(TASKS, query, sort="created_at", limit=MOST):
            task = readable(document)
            if task is not None and task.finding is not None:
                oldest.setdefault(task.about_case, task)
    return [case_document(task) for task in oldest.values()]


def told_at(case: str, tasks: Iterable[Task], workspace: str = "") -> dict[str, float]:
    """The case and the others that its thread in Slack has told of, and when each was told of first (epoch seconds).

    ``tasks``: those of the case. ``workspace``: name of the only one that counts; any where it is empty.
    """
    found: dict[str, float] = {}
    for told in (task.outcome for task in tasks):
        if not isinstance(told, MessagePosted) or not told.notified_at:
            continue
        # Where a webhook posts, nobody knows.
        if workspace in ("", told.workspace) or not told.channel:
            for name in told.event_ids:
                about = case_of_event(name) or case
                found[about] = min(told.notified_at, found.get(about, told.notified_at))
    return found


def told_by(case: str, tasks: Iterable[Task]) -> list[str]:
    """The other cases that the tasks of a case tell of, the first one first."""
    return [one for one in dict.fromkeys(task.about_case for task in tasks) if one != case]
