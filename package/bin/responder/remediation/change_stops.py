"""What is stopped since a limit on changes was reached: see ``change_breaker``. One document a scope.

Its insert is what stops it, so one process of all does it. Only the system may write the collection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import Curable
from ..remembered import Remembered

if TYPE_CHECKING:
    from .ports import Document, Documents

STOPS = "responder_change_stops"
#: The scope of all changes; the others are ``<account>:<playbook>``, and ``run:<...>`` of a run.
ALL, RUN = "all", "run:"
#: Every document, by the one field that is always indexed.
_ANY = {"_key": {"$gt": ""}}
#: Seconds for which a process goes by what it has read.
KEPT = 15.0


@dataclass(frozen=True)
class Stop:
    scope: str
    #: For people: which limit was reached, by how many changes.
    message: str
    #: Epoch seconds.
    since: float
    #: The first remediation that was stopped, and its run.
    task: str
    run: str

    @property
    def is_of_run(self) -> bool:
        return self.scope.startswith(RUN)

    def to_document(self) -> Document:
        return {"_key": key_of(self.scope), **vars(self)}

    @classmethod
    def from_document(cls, document: Document) -> Stop:
        """Raises Curable for one that cannot be read: it may stop anything."""
        try:
            texts = {name: str(document[name]) for name in ("scope", "message", "task", "run")}
            return cls(since=float(document["since"]), **texts)
        except (KeyError, TypeError, ValueError) as error:
            raise Curable(
                f"Stop {document.get('_key')} of changes is damaged.", f"Delete it from the collection {STOPS}."
            ) from error


def scope_of(account: str, playbook: str) -> str:
    return f"{account}:{playbook}"


def run_scope(run_key: str) -> str:
    return f"{RUN}{run_key}"


def key_of(scope: str) -> str:
    return hashlib.sha256(scope.encode("utf-8", "replace")).hexdigest()[:20]


def said(scope: str) -> str:
    """A scope, for people."""
    if scope == ALL:
        return "all changes"
    if scope.startswith(RUN):
        return "this run of the alert"
    account, _, playbook = scope.partition(":")
    return f"{playbook} in account {account}"


_known: Remembered[tuple[Stop, ...]] = Remembered(KEPT, most=50)


def every(documents: Documents) -> tuple[Stop, ...]:
    """All of them, as they are now. Raises Curable where one cannot be read."""
    found = tuple(Stop.from_document(document) for document in documents.find(STOPS, _ANY))
    _known.put(_store(documents), found)
    return found


def of(documents: Documents, scopes: Iterable[str]) -> Stop | None:
    """One that stops any of these scopes, as of a few seconds ago at most."""
    wanted = set(scopes)
    found = _known.get(_store(documents))
    return next((stop for stop in (every(documents) if found is None else found) if stop.scope in wanted), None)


def stop(documents: Documents, stopped: Stop) -> bool:
    """Stop a scope. True where this task was the one that did it, also if it is asked again after it was killed."""
    document = stopped.to_document()
    is_first = documents.insert(STOPS, document)
    _known.forget(_store(documents))
    if is_first:
        return True
    there = documents.fetch(STOPS, str(document["_key"]))
    return there is not None and there.get("task") == stopped.task


def release(documents: Documents, scope: str) -> None:
    documents.delete_where(STOPS, {"_key": key_of(scope)})
    _known.forget(_store(documents))


def _store(documents: Documents) -> object:
    return getattr(documents, "uri", None) or id(documents)
