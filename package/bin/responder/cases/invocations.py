"""Results of alert actions that have not ended: who is told, in the action's log, once their tasks have.

    responder_invocations/<hash>    run: what is the same for all of them; rows: each with its task

They lie beside the tasks and not in them: a task that is there already may be asked for by a further run, which gets
an end of its own, and a task is written by whoever has the turn of its lane. One document holds a batch of results, so
that fifty thousand of them are five hundred documents.
"""

from __future__ import annotations

import hashlib
import json
import re
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


@dataclass(frozen=True)
class Row:
    """One result: what its lines say of it, and the task that its end depends on."""

    ids: Mapping[str, str]
    task: str


@dataclass(frozen=True)
class Owed:
    """Results of one run that have not ended."""

    key: str
    run: Mapping[str, str]
    rows: Sequence[Row]
    #: Epoch seconds: since when, and when it is looked at next.
    at: float = 0.0
    due_at: float = 0.0

    @classmethod
    def of(cls, run: Mapping[str, str], rows: Iterable[Row], first: int, now: float) -> Owed:
        """``first``: number of the first result of the batch: recorded again, it is the same document."""
        about = json.dumps([run.get(name) for name in ("action_name", "user", "sid", "rid")] + [first])
        return cls(hashlib.sha256(about.encode("utf-8", "replace")).hexdigest()[:24], run, tuple(rows), now, now)

    def with_rows(self, rows: Iterable[Row], due_at: float) -> Owed:
        return replace(self, rows=tuple(rows), due_at=due_at)

    def to_document(self) -> dict[str, Any]:
        return {
            "_key": self.key,
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
            found = cls(key, _texts(run, (*modular_action.OF_RUN, "rid")), rows, float(document["at"]))
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
