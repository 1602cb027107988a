"""Which of many events hold a text: what an index does for a search that asks for a few names among thousands.

Texts that searches require are runs of characters that JSON writers never escape (``terms.required``). Such a
text occurs in an event only within one of its own runs, so that it is enough to look through the different runs once.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from .model import Event

#: The same characters as those of ``terms.required``.
RUN = re.compile(r"[a-z0-9_.:\-]+")
#: Runs of ids, times and numbers: most of the different runs, and few texts that searches require can be in them.
_OF_IDS = re.compile(r"[a-f0-9tz_.:\-]+")


class WordIndex:
    """Over a list of events, which is not changed afterwards."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._size = len(events)
        found: dict[str, array[int]] = defaultdict(lambda: array("I"))
        for position, event in enumerate(events):
            for run in set(RUN.findall(event.lower)):
                found[run].append(position)
        #: Events in which a text may be hidden, which no search can leave out.
        self._hiding = frozenset(position for position, event in enumerate(events) if event.hides_text)
        ids = {run for run in found if _OF_IDS.fullmatch(run)}
        self._ids = _Runs({run: found[run] for run in ids})
        self._others = _Runs({run: positions for run, positions in found.items() if run not in ids})
        self._known: dict[frozenset[str], frozenset[int]] = {}

    def holding(self, required: Iterable[frozenset[str]]) -> list[int] | None:
        """Positions, in order, of the events that may have one text of each entry; None where that would be most."""
        best: frozenset[int] | None = None
        for alternatives in required:
            held = self._of(alternatives)
            if best is None or len(held) < len(best):
                best = held
        if best is None or len(best) > self._size // 2:
            return None
        return sorted(best | self._hiding)

    def _of(self, alternatives: frozenset[str]) -> frozenset[int]:
        if alternatives not in self._known:
            found: set[int] = set()
            for text in alternatives:
                found.update(*self._others.holding(text))
                if _OF_IDS.fullmatch(text):
                    found.update(*self._ids.holding(text))
            self._known[alternatives] = frozenset(found)
        return self._known[alternatives]


class _Runs:
    """Different runs as one text, to be looked through at once."""

    def __init__(self, found: Mapping[str, array[int]]) -> None:
        self._positions = list(found.values())
        starts, at = array("L"), 0
        for run in found:
            starts.append(at)
            at += len(run) + 1
        self._starts, self._text = starts, "\n".join(found)

    def holding(self, text: str) -> Iterable[array[int]]:
        """Of each run that holds the text: the positions of the events that have it."""
        at = self._text.find(text)
        while at >= 0:
            run = bisect_right(self._starts, at) - 1
            yield self._positions[run]
            following = self._starts[run + 1] if run + 1 < len(self._starts) else len(self._text)
            at = self._text.find(text, following)
