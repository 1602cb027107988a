"""Which things in AWS a write of ours has made, although anybody could have given them their names.

Such a thing bears the key under which our evidence has the write that made it (``KEY_OF_WRITE``). Before the write
nobody knows the key, and only the system writes evidence. Whoever reads the key later and writes it on a thing of his
own has one of another id than AWS gave to ours.
"""

from __future__ import annotations

from collections.abc import Mapping

from .evidence import EVIDENCE, Entry, read, task_of
from .model import Mark, Resource
from .together import Together


def proved(documents: Together, resource: Resource, marks: Mapping[str, Mark]) -> frozenset[str]:
    """Those aspects of a resource whose mark is that of a write that made this thing there, for this resource.

    Raises Curable when the evidence that a mark names cannot be read.
    """
    return frozenset(aspect for aspect, mark in marks.items() if _is_ours(documents, resource, aspect, mark))


def _is_ours(documents: Together, resource: Resource, aspect: str, mark: Mark) -> bool:
    task = task_of(mark.key)
    if not task:
        return False
    evidence = read(task, documents.find(EVIDENCE, "task", task))
    return any(entry.intended.key == mark.key and _made(entry, resource, aspect, mark) for entry in evidence.entries)


def _made(entry: Entry, resource: Resource, aspect: str, mark: Mark) -> bool:
    if entry.intended.about != (resource.id, resource.region, aspect) or entry.undone_at is not None:
        return False
    done = entry.done
    # Of a write without an answer the thing itself tells that it was made.
    return done is None or done.outcome == "unknown" or (done.outcome == "done" and done.found in (None, mark.id))
