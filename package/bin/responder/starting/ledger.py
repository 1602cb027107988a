"""What was changed by the page *Getting started*, and what is kept of its choices: the collection ``responder_start``.

A change is written down before it is made and after it was made, so that a run that was stopped is taken up again, and
undo restores exactly what was there. Written with system rights only, while the ledger is held.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..errors import DamagedDocument
from ..findings import renamed
from ..json_limits import bounded_json
from ..splunk.client import Document, Splunkd
from ..splunk.holding import Holding

START = "responder_start"
#: Kinds of changes.
SEARCH, ENTRY = "search", "entry"
#: A change was written down and perhaps made; made; the same of taking it back; somebody else has changed it since.
DOING, DONE, UNDOING, UNDONE, LEFT = "doing", "done", "undoing", "undone", "left"
MOST = 2_000
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    #: ``SEARCH`` or ``ENTRY``.
    kind: str
    #: Of the saved search; or lookup and key of an entry (``<lookup>/<key>``).
    name: str
    #: What was there before the first change, and what is there after the newest. Empty: nothing is there.
    before: Values
    after: Values
    #: What was there right before the newest change.
    was: Values
    state: str
    by: str
    at: float
    #: For people: why it was left as it is.
    note: str = ""

    @property
    def key(self) -> str:
        name = renamed.lasting(self.name) if self.kind == SEARCH else self.name
        digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:24]
        return f"{self.kind}:{digest}"

    @property
    def counts(self) -> bool:
        """Whether there is something that undo would take back."""
        return self.state in (DOING, DONE, UNDOING)

    def document(self) -> Document:
        values = {"before": self.before, "after": self.after, "was": self.was}
        return {
            "_key": self.key,
            "kind": self.kind,
            "name": self.name,
            "body": json.dumps(values, sort_keys=True),
            "state": self.state,
            "note": self.note,
            "by": self.by,
            "at": self.at,
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Change:
        """Raises DamagedDocument."""
        try:
            body = bounded_json(str(document["body"]))
            before, after, was = ({**body[name]} for name in ("before", "after", "was"))
            kind, name, state, by = (str(document[name]) for name in ("kind", "name", "state", "by"))
            at, note = float(document["at"]), str(document.get("note") or "")
            now = renamed.current(name) if kind == SEARCH else name
            return cls(kind, now, before, after, was, state, by, at, note)
        except (KeyError, ValueError, TypeError) as error:
            where = f"Document {document.get('_key')} of {START}"
            raise DamagedDocument(f"{where} is damaged.", "Restore the KV store.") from error


class Ledger:
    """``held``: whether whoever made it may write."""

    def __init__(self, splunkd: Splunkd, by: str, holding: Holding | None = None) -> None:
        self._splunkd, self._by, self._holding = splunkd, by, holding

    def changes(self) -> list[Change]:
        """In the order of their names. Raises DamagedDocument."""
        found = [
            Change.of(document)
            for kind in (SEARCH, ENTRY)
            for document in self._splunkd.find(START, {"kind": kind}, limit=MOST)
        ]
        return sorted(found, key=lambda change: (change.kind, change.name))

    def get(self, change: Change) -> Change | None:
        document = self._splunkd.fetch(START, change.key)
        return None if document is None else Change.of(document)

    def save(self, change: Change, **values: Any) -> Change:
        """Raises Unavailable where somebody else works on it since."""
        assert self._holding is not None
        self._holding.check()
        saved = replace(change, by=self._by, at=self._splunkd.now(), **values)
        self._splunkd.save_many(START, [saved.document(), self._holding.document])
        return saved

    def forget(self, change: Change) -> None:
        """It turned out that it was never made."""
        self._splunkd.delete_where(START, {"_key": change.key})


def holding(splunkd: Splunkd) -> Holding:
    return Holding(splunkd, START, "changes", "Getting started")


def differing(one: Values, other: Values) -> list[str]:
    """Names of the values that are not the same."""
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
