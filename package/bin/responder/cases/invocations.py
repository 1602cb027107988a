"""Results of alert actions that have not ended: who is told, in the action's log, once their tasks have.

    responder_invocations/<batch>-<request>    run: what is the same for all of them; rows: each with its task
    responder_marks/ended:<batch>              value: the numbers of those whose ends have been told

They lie beside the tasks: a task that is there already may be asked for by a further run, which gets an end of its own,
and a task is written by whoever has the turn of its lane. One document holds a batch of results, so that fifty thousand
of them are five hundred documents. A single result that is new lies in its task at first (``Task.owed``), and here once
somebody else than the request that recorded it has ended that.

Each request writes a document of its own, which it alone takes rows from until it has answered, and then only
``inputs/invocation_ends.py`` does. So a request that comes to its end late takes nothing from what a later one has
written down. That several documents hold the same result does no harm: its end is told once.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .. import modular_action
from ..errors import DamagedDocument, one_line
from ..json_limits import bounded_json
from ..modular_action import FAILURE, PENDING, SUCCESS
from ..splunk.client import Splunkd
from .keys import TaskKey
from .states import State

INVOCATIONS = "responder_invocations"
#: How the end of a task is told. A refusal has not done what was asked for, whoever refused it.
STATUSES: Mapping[str, str] = {
    State.DONE.value: SUCCESS,
    State.REFUSED.value: FAILURE,
    State.FAILED.value: FAILURE,
}
#: The name is a part of a file's name.
_ACTION = re.compile(r"responder_[a-z][a-z0-9_]{0,40}")
_MODES = {"digest_mode": ("0", "1"), "action_mode": ("saved", "adhoc")}


def status_of(state: str) -> str:
    """The status of a task in a state; one that is not final is pending."""
    return STATUSES.get(state, PENDING)


def checked_run(action_name: str, user: str, given: Any, sid: str) -> dict[str, str]:
    """What an action says of its run, bounded; empty where it says nothing, as an earlier version does.

    ``user``: whoever hands over, as splunkd knows him. Action, run and mode are not the caller's to choose either.
    """
    if not isinstance(given, Mapping) or not given:
        return {}
    payload = {name: given[name] for name in ("app", "search_name") if isinstance(given.get(name), str)}
    rid = given.get("rid")
    if given.get("digest_mode") == "0" and isinstance(rid, str):
        payload["result_id"] = rid
    named = given.get("sid")
    sid = sid or (named if isinstance(named, str) else "")
    return modular_action.of_run(action_name, {**payload, "sid": sid, "user": user})


def is_per_result(run: Mapping[str, str]) -> bool:
    """Whether Splunk starts the action anew for each result of the run."""
    return run.get("digest_mode") == "0"


@dataclass(frozen=True)
class Row:
    """One result: what its lines say of it, and the task that its end depends on."""

    ids: Mapping[str, str]
    task: str


@dataclass(frozen=True)
class Owed:
    """Results of one run that have not ended."""

    key: str
    #: The same for each request that hands the batch over.
    batch: str
    run: Mapping[str, str]
    rows: Sequence[Row]
    #: Epoch seconds: since when, and when it is looked at next.
    at: float = 0.0
    due_at: float = 0.0

    @classmethod
    def of(cls, run: Mapping[str, str], rows: Iterable[Row], first: int, now: float, due_at: float = 0.0) -> Owed:
        """``first``: number of the first result of the batch, which tells it from the others of the run."""
        about = json.dumps([run.get(name) for name in ("action_name", "user", "sid", "rid")] + [first])
        batch = hashlib.sha256(about.encode("utf-8", "replace")).hexdigest()[:24]
        return cls(f"{batch}-{uuid.uuid4().hex[:8]}", batch, run, tuple(rows), now, due_at or now)

    def with_rows(self, rows: Iterable[Row], due_at: float) -> Owed:
        return replace(self, rows=tuple(rows), due_at=due_at)

    def to_document(self) -> dict[str, Any]:
        return {
            "_key": self.key,
            "batch": self.batch,
            "run": json.dumps(dict(self.run)),
            "rows": json.dumps([[row.task, dict(row.ids)] for row in self.rows]),
            "at": self.at,
            "due_at": self.due_at,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Owed:
        """Raises DamagedDocument for one that this app did not write."""
        key = one_line(document.get("_key") or "")[:100]
        try:
            run = bounded_json(document["run"])
            rows = [Row(_texts(ids, modular_action.OF_ROW), str(TaskKey.parse(task))) for task, ids in
                    bounded_json(document["rows"])]  # fmt: skip
            if not all(row.ids.get("rid") for row in rows):
                raise ValueError("rid")
            batch = one_line(document["batch"])[:100]
            found = cls(key, batch, _texts(run, (*modular_action.OF_RUN, "rid")), rows, float(document["at"]))
            if not _ACTION.fullmatch(found.run["action_name"]):
                raise ValueError("action_name")
            if any(found.run[name] not in choices for name, choices in _MODES.items()):
                raise ValueError("mode")
            return found
        except Exception as error:
            raise DamagedDocument(f"Invocation {key} is damaged ({type(error).__name__}).", "It is removed.") from error


def _texts(stored: Any, names: Iterable[str]) -> dict[str, str]:
    if not isinstance(stored, Mapping):
        raise TypeError("not an object")
    return {name: one_line(stored[name])[: modular_action.LONGEST_ID] for name in names if name in stored}


def keep(splunkd: Splunkd, owed: Owed) -> None:
    """Raises a ResponderError when it cannot be written."""
    splunkd.save_many(INVOCATIONS, [owed.to_document()])


def document_of(stored: str, now: float) -> dict[str, Any] | None:
    """What a task keeps (``Task.owed``), as a document that is due; None for what this app did not write."""
    try:
        document = bounded_json(stored)
        return {**Owed.from_document(document).to_document(), "due_at": now}
    except (ValueError, DamagedDocument, AttributeError):
        return None


class Batch:
    """What is owed of the results that one request hands over, from before their tasks are run until it answers."""

    def __init__(self, splunkd: Splunkd, run: Mapping[str, str], rows: Mapping[int, Mapping[str, str]]) -> None:
        """``run``: empty where nothing is known of it, and then nothing is owed. ``rows``: ids of each, by number."""
        self._splunkd = splunkd
        self._run, self._rows = run, rows
        self._first = next(iter(rows), 0)
        #: What this request has written of it: into the task of the only result, or before the tasks are run.
        self._in_task: Owed | None = None
        self._written: Owed | None = None
        #: What lies in the task of the only result.
        self.in_task = ""

    def rid(self, number: int) -> str:
        return self._rows[number]["rid"] if self._run and number in self._rows else ""

    def embedded(self, task: str) -> str:
        """What the task of the only result is to keep, until this request has answered; nothing of several."""
        if self._run and len(self._rows) == 1:
            self._in_task = self._owed(dict.fromkeys(self._rows, task), 0.0)
            self.in_task = json.dumps(self._in_task.to_document())
        return self.in_task

    def is_recorded(self, is_new: bool) -> None:
        """A task that was there keeps nothing of this request's."""
        self.in_task = self.in_task if is_new else ""

    def begin(self, tasks: Mapping[int, str], seconds: float) -> None:
        """Before they are run: whatever becomes of this process, they end. Raises a ResponderError.

        ``seconds``: after which this request has answered, or never will.
        """
        if self._run and tasks and not self.in_task:
            self._written = self._owed(tasks, seconds)
            keep(self._splunkd, self._written)

    def answer(self, pending: Mapping[int, str]) -> None:
        """These are left; the answer tells of the others. Raises a ResponderError."""
        if self._run and pending:
            owed, before = self._owed(pending, 0.0), self._written or self._in_task
            keep(self._splunkd, replace(owed, key=before.key) if before else owed)
        elif self._written:
            self._splunkd.delete_where(INVOCATIONS, {"_key": self._written.key})

    def _owed(self, tasks: Mapping[int, str], seconds: float) -> Owed:
        now = self._splunkd.now()
        rows = [Row(self._rows[number], task) for number, task in tasks.items() if number in self._rows]
        return Owed.of(self._run, rows, self._first, now, now + seconds)
