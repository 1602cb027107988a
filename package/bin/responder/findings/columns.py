"""Under which names the columns of other people's searches reach us.

What ``stats`` calls a field that nobody has named, what people call it who read the table, and what stands before it
where a record is wrapped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

#: Functions of stats whose result is a value of the field. Times are none of it: of those the first or last counts.
_FUNCTION = re.compile(r"(?:values|list|latest|earliest|first|last|mode)\(([^_()][^()]*)\)")
#: A field of a data model, as ``tstats`` calls it (``All_Changes.user``, ``All_Changes.Account_Management.src_user``).
#: CIM's fields begin with a small letter.
_OF_MODEL = re.compile(r"(?:[A-Z][A-Za-z]*(?:_[A-Z][A-Za-z]*)*\.)+([a-z][a-z_]*)")
#: Where a record is one member of its event: EventBridge's envelope, a log file with one record.
_WRAPPERS = ("detail.", "Records{}.")
_RECORD = ("eventName", "eventSource")
_ID = "eventID"

Columns = Mapping[str, Sequence[str]]


def meant(columns: Columns) -> Iterator[tuple[str, Sequence[str]]]:
    """Names that columns have beside their own: ``eventName`` for ``values(eventName)`` and ``detail.eventName``."""
    for name, values in columns.items():
        found = _FUNCTION.fullmatch(name)
        if found:
            yield found[1], values
        of_model = _OF_MODEL.fullmatch(found[1] if found else name)
        if of_model:
            yield of_model[1], values
    for prefix in _WRAPPERS:
        # With several of them nobody can say whose a value is.
        is_one = all(len(columns.get(f"{prefix}{name}", ())) == 1 for name in _RECORD)
        if is_one and len(columns.get(f"{prefix}{_ID}", ())) <= 1:
            for name, values in columns.items():
                if name.startswith(prefix):
                    yield name[len(prefix) :], values


class Spelling:
    """Columns by their names without case, blanks and punctuation: ``Source IP`` is ``source_ip``."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names: dict[str, list[str]] = {}
        for name in names:
            self._names.setdefault(_folded(name), []).append(name)

    def like(self, names: Sequence[str]) -> Iterator[str]:
        """The names, and after all of them those of columns that are spelled otherwise."""
        yield from names
        for name in names:
            yield from self._names.get(_folded(name), ())


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
