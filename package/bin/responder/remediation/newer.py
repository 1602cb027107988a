"""What later remediations of any case have done to the same things: they hold what an older one would give up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ..splunk.queries import any_of
from .evidence import EVIDENCE, Entry, key_of, read
from .ports import Document, Documents

#: Writes to the resources of one remediation that are looked through, the newest first.
MOST_WRITES = 1_000


def newer_changes(documents: Documents, task: str, entries: Sequence[Entry]) -> Callable[[Entry], str]:
    """For writes of a task: which other remediation has made the same change since, in words; empty where none has.

    What was taken back does not count, and what was refused; a write of which nobody knows yet what came of it does.
    Raises Curable where evidence cannot be read.
    """
    written: dict[str, list[Document]] = {name: [] for name in _tasks(documents, task, entries)}
    for query in any_of("task", list(written)):
        for document in documents.find(EVIDENCE, query):
            written[str(document["task"])].append(document)
    others = {name: read(name, found) for name, found in written.items()}
    case = task.partition(".")[0]

    def newer(entry: Entry) -> str:
        def is_later(other: Entry) -> bool:
            return other.concerns(entry) and other.intended.at > entry.intended.at

        for name, evidence in others.items():
            called = f"remediation {name}" + ("" if name.partition(".")[0] == case else " of another case")
            if any(map(is_later, evidence.made)):
                return f"{called} has changed it again since"
            if any(map(is_later, evidence.open)):
                return f"{called} may have changed it again since"
        return ""

    return newer


def _tasks(documents: Documents, task: str, entries: Sequence[Entry]) -> Iterator[str]:
    """Other remediations that have written to these resources since, or were about to."""
    if not entries:
        return
    since = min(entry.intended.at for entry in entries)
    keys = list(dict.fromkeys(key_of(entry.intended.resource) for entry in entries))
    found: dict[str, None] = {}
    for query in any_of("resource", keys, at={"$gt": since}):
        writes = documents.find(EVIDENCE, query, fields="task", sort="at:-1", limit=MOST_WRITES)
        found.update(dict.fromkeys(str(one["task"]) for one in writes))
    yield from (name for name in found if name != task)
