"""What a check is, and what it says: lines of a traffic light, for people."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from ..errors import one_line

if TYPE_CHECKING:
    from .surroundings import Surroundings

GREEN, AMBER, RED = "green", "amber", "red"
#: From the best to the worst.
LEVELS = (GREEN, AMBER, RED)
#: Characters of a line, and of a name that somebody else chose.
MAX_TEXT, MAX_NAME = 500, 80


@dataclass(frozen=True)
class Line:
    """``level``: green is fine, amber is a limitation or a doubt, red does not work."""

    level: str
    what: str
    #: What a person should do; empty where there is nothing to do.
    to_do: str = ""

    def cut(self) -> Line:
        """In one line each, and no longer than people read."""
        return Line(self.level, one_line(self.what)[:MAX_TEXT], one_line(self.to_do)[:MAX_TEXT])


def green(what: str) -> Line:
    return Line(GREEN, what)


def amber(what: str, to_do: str = "") -> Line:
    return Line(AMBER, what, to_do)


def red(what: str, to_do: str = "") -> Line:
    return Line(RED, what, to_do)


@dataclass(frozen=True)
class Check:
    """One question about this installation. What ``look`` raises becomes a line, too."""

    name: str
    #: Where its lines stand among the others': data first, then the app itself, then the services outside.
    order: int
    look: Callable[[Surroundings], Iterable[Line]]


def worst(levels: Iterable[str]) -> str:
    """Of no levels: green."""
    return max(levels, key=LEVELS.index, default=GREEN)


def name(text: object) -> str:
    """A name that somebody else chose (an index, a source type, a saved search): no markup, no line of its own."""
    return re.sub(r"[^\w .,:;#@/+*()-]", "?", one_line(text))[:MAX_NAME] or "?"


def some(names: Iterable[str], most: int = 3) -> str:
    """``a, b, c and 4 more``."""
    listed = list(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def span(seconds: float) -> str:
    """A time span as people say it."""
    seconds = abs(seconds)
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
