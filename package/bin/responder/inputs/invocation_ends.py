"""Tells in the logs of the alert actions how what was pending has ended, once its tasks have.

Behind the worker's round, by one search head at a time: the lines of a result are in that one's log then, and Splunk
indexes those of all. A process that dies between the lines and the documents writes the lines once more; the newest
line counts, and says the same.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..cases.invocations import INVOCATIONS, Owed, Row, status_of
from ..cases.task import TASKS
from ..engine.share_claims import ShareClaims
from ..errors import DamagedDocument, ResponderError
from ..modular_action import FAILURE, PENDING, line, log_of
from ..splunk.client import Splunkd
from ..splunk.queries import any_of, portions

log = logging.getLogger("cloudtrail_responder")

#: Seconds that it takes at most, and batches of results that are looked at together.
LONGEST, TOGETHER = 10.0, 20
#: Seconds until what is pending is looked at again: a quarter of its age, within these.
SOONEST, LATEST = 15.0, 900.0
#: Seconds after which a task that cannot be found is none, and after which nobody waits for an end any more.
NOT_FOUND, GIVEN_UP = 600.0, 30 * 86_400.0
_CLAIM = "invocations"


def write(splunkd: Splunkd, now: float, claims: ShareClaims, longest: float = LONGEST) -> None:
    """Write what is due. Raises a ResponderError when the KV store cannot be asked: the next round goes on."""
    until = time.monotonic() + longest
    documents = _due(splunkd, now)
    if not documents or not claims.take(_CLAIM):
        return
    try:
        # What was read before the claim, somebody else may have ended since.
        while time.monotonic() < until:
            documents = _due(splunkd, now)
            if not documents:
                return
            _end(splunkd, documents, now)
            claims.keep(_CLAIM)
    finally:
        claims.release(_CLAIM)


def _due(splunkd: Splunkd, now: float) -> list[dict[str, Any]]:
    return splunkd.find(INVOCATIONS, {"due_at": {"$lte": now}}, sort="due_at", limit=TOGETHER)


def _end(splunkd: Splunkd, documents: Iterable[Mapping[str, Any]], now: float) -> None:
    found, over = list[Owed](), list[str]()
    for document in documents:
        try:
            found.append(Owed.from_document(document))
        except DamagedDocument as error:
            log.error("%s", error)
            over.append(str(document.get("_key")))
    tasks = _tasks(splunkd, {row.task for owed in found for row in owed.rows})
    left = []
    for owed in found:
        open_rows, lines = _told(owed, tasks, now)
        log_of(owed.run["action_name"]).append("".join(lines))
        if open_rows:
            left.append(owed.with_rows(open_rows, now + min(max((now - owed.at) / 4, SOONEST), LATEST)))
        else:
            over.append(owed.key)
    if left:
        splunkd.save_many(INVOCATIONS, [owed.to_document() for owed in left])
    for keys in portions(over):
        splunkd.delete_where(INVOCATIONS, {"$or": [{"_key": key} for key in keys]})


def _tasks(splunkd: Splunkd, keys: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    queries = any_of("_key", sorted(keys))
    return {str(task["_key"]): task for query in queries for task in splunkd.find(TASKS, query, fields=_FIELDS)}


_FIELDS = "_key,state,message"


def _told(owed: Owed, tasks: Mapping[str, Mapping[str, Any]], now: float) -> tuple[Sequence[Row], Sequence[str]]:
    """Results that are still pending, and the lines of those that are not."""
    left, lines, age = [], [], now - owed.at
    for row in owed.rows:
        task = tasks.get(row.task)
        status = status_of(str(task.get("state"))) if task is not None else PENDING
        said = str(task.get("message") or "Done.") if task is not None else ""
        if status == PENDING and task is None and age > NOT_FOUND:
            status, said = FAILURE, "Its task is no longer recorded."
        elif status == PENDING and age > GIVEN_UP:
            status, said = FAILURE, f"Given up waiting for its end: {said}"
        if status == PENDING:
            left.append(row)
        else:
            lines.append(line(owed.run, row.ids, said, status))
    return left, lines


def write_when_due(splunkd: Splunkd, now: float, claims: ShareClaims) -> None:
    """The same; whatever keeps it from being written, keeps nothing else."""
    try:
        write(splunkd, now, claims)
    except ResponderError as error:
        log.error("the ends of invocations were not written: %s", error)
