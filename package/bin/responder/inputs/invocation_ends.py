"""Tells in the logs of the alert actions how what was pending has ended, once its tasks have.

Behind the worker's round, by one search head at a time: the lines of a result are in that one's log then, and Splunk
indexes those of all. What was told is noted for a day, since the same results may be handed over once more. A process
that dies between the lines and that note writes the lines once more; the newest line counts, and says the same. Where
the log cannot be written, they stay owed.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ..cases.invocations import INVOCATIONS, Owed, Row, status_of
from ..cases.task import TASKS
from ..engine.breaker import MARKS
from ..engine.share_claims import ShareClaims
from ..errors import DamagedDocument, ResponderError
from ..json_limits import bounded_json
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
#: Marks of what was told, and seconds for which they are kept: much longer than anybody hands over the same again.
ENDED, ENDED_KEPT = "ended:", 86_400.0


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
            if not claims.keep(_CLAIM):
                return
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
    ended = _ended(splunkd, {owed.batch for owed in found})
    left, told = list[Owed](), set[str]()
    for owed in found:
        known = ended.setdefault(owed.batch, set())
        open_rows, ends = _told(owed, tasks, known, now)
        later = now + min(max((now - owed.at) / 4, SOONEST), LATEST)
        if not log_of(owed.run["action_name"]).append("".join(ends.values())):
            log.error("action=%s its log cannot be written: the ends of its results wait", owed.run["action_name"])
            left.append(owed.with_rows(owed.rows, later))
            continue
        if ends:
            known.update(ends)
            told.add(owed.batch)
        if open_rows:
            left.append(owed.with_rows(open_rows, later))
        else:
            over.append(owed.key)
    if told:
        splunkd.save_many(MARKS, [_mark(batch, ended[batch], now) for batch in sorted(told)])
    if left:
        splunkd.save_many(INVOCATIONS, [owed.to_document() for owed in left])
    for keys in portions(over):
        splunkd.delete_where(INVOCATIONS, {"$or": [{"_key": key} for key in keys]})


def _tasks(splunkd: Splunkd, keys: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    queries = any_of("_key", sorted(keys))
    return {str(task["_key"]): task for query in queries for task in splunkd.find(TASKS, query, fields=_FIELDS)}


_FIELDS = "_key,state,message"


def _ended(splunkd: Splunkd, batches: Iterable[str]) -> dict[str, set[str]]:
    """The results of some batches whose ends have been told, by whomever."""
    found: dict[str, set[str]] = {}
    for query in any_of("_key", [f"{ENDED}{batch}" for batch in sorted(batches)]):
        for mark in splunkd.find(MARKS, query):
            try:
                found[str(mark["_key"])[len(ENDED) :]] = set(map(str, bounded_json(str(mark.get("value")))))
            except (ValueError, TypeError):
                log.error("mark=%s is damaged and is passed over", mark.get("_key"))
    return found


def _mark(batch: str, ended: Iterable[str], now: float) -> dict[str, Any]:
    return {"_key": f"{ENDED}{batch}", "value": json.dumps(sorted(ended)), "at": now}


def remove_old_marks(splunkd: Splunkd, now: float) -> None:
    """Raises a ResponderError."""
    old = {"_key": {"$gte": ENDED, "$lt": f"{ENDED}~"}, "at": {"$lt": now - ENDED_KEPT}}
    splunkd.delete_where(MARKS, old)


def _told(
    owed: Owed, tasks: Mapping[str, Mapping[str, Any]], ended: Collection[str], now: float
) -> tuple[Sequence[Row], Mapping[str, str]]:
    """Results that are still pending, and the lines of those that are not, by their numbers; each once."""
    left, lines, age = list[Row](), dict[str, str](), now - owed.at
    for row in owed.rows:
        if row.ids["rid"] in ended:
            continue
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
            lines[row.ids["rid"]] = line(owed.run, row.ids, said, status)
    return left, lines


def write_when_due(splunkd: Splunkd, now: float, claims: ShareClaims) -> None:
    """The same; whatever keeps it from being written, keeps nothing else."""
    try:
        write(splunkd, now, claims)
    except ResponderError as error:
        log.error("the ends of invocations were not written: %s", error)
