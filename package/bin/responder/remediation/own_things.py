"""Which things in AWS a write of ours has made, although anybody could have given them their names.

Such a thing bears the key under which our evidence has the write that made it (``KEY_OF_WRITE``). Before the write
nobody knows the key, and only the system writes evidence. Whoever reads the key later and writes it on a thing of his
own has one of another id than AWS gave to ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .evidence import EVIDENCE, Entry, read
from .model import Mark, Resource
from .together import Together

#: The key of a write: that of its task, which begins with the case, and one of its own.
_KEY = re.compile(r"([0-9a-f]{20}\.[A-Za-z0-9_.]{1,80}):[0-9a-f]{12}")


def proved(documents: Together, resource: Resource, marks: Mapping[str, Mark]) -> frozenset[str]:
    """Those aspects of a resource whose mark is that of a write that made this thing there, for this resource.

    Raises Curable when the evidence that a mark names cannot be read.
    """
    return frozenset(aspect for aspect, mark in marks.items() if _is_ours(documents, resource, aspect, mark))


def _is_ours(documents: Together, resource: Resource, aspect: str, mark: Mark) -> bool:
    key = _KEY.fullmatch(mark.key)
    if key is None:
        return False
    evidence = read(key[1], documents.find(EVIDENCE, "task", key[1]))
    named = [entry for entry in evidence.entries if entry.intended.key == mark.key]
    return any(_made(entry, resource, aspect, mark) for entry in named)


def _made(entry: Entry, resource: Resource, aspect: str, mark: Mark) -> bool:
    intended, done = entry.intended, entry.done
    is_meant = (intended.resource.id, intended.resource.region, intended.step.aspect) == (
        resource.id,
        resource.region,
        aspect,
    )
    if not is_meant or entry.undone_at is not None:
        return False
    # Of a write without an answer the thing itself tells that it was made.
    return done is None or done.outcome == "unknown" or (done.outcome == "done" and done.found in (None, mark.id))
