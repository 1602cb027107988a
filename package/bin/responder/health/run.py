"""Runs all checks side by side, within a time: one that fails or hangs is a line, and never the end of the others."""

from __future__ import annotations

import importlib
import logging
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..discovery import declared
from ..errors import ResponderError
from .line import Check, Line, amber, green, red
from .surroundings import Surroundings

log = logging.getLogger("cloudtrail_responder")

#: Seconds for all of them. Splunk Web gives up on an endpoint after 30.
LONGEST = 25.0


@dataclass(frozen=True)
class Said:
    """A line, and which check it is of."""

    check: str
    level: str
    what: str
    to_do: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def checks() -> list[Check]:
    """Every check, in the order in which people read them."""
    found = declared(importlib.import_module(f"{__package__}.checks"), "CHECK")
    return sorted(found, key=lambda check: (check.order, check.name))


def run(about: Surroundings, some: Iterable[Check] | None = None, longest: float = LONGEST) -> list[Said]:
    """What each check says. Raises nothing."""
    asked = list(checks() if some is None else some)
    ends_at = time.monotonic() + longest
    runs = [_Run(check, about) for check in asked]
    for one in runs:
        one.start()
    for one in runs:
        one.join(max(0.0, ends_at - time.monotonic()))
    return [
        Said(one.check.name, line.level, line.what, line.to_do)
        for one in runs
        for line in map(Line.cut, one.lines(longest))
    ]


class _Run(threading.Thread):
    """A daemon: what hangs is left behind, and keeps no process from ending."""

    def __init__(self, check: Check, about: Surroundings) -> None:
        super().__init__(name=f"check-{check.name}", daemon=True)
        self.check = check
        self._about = about
        self._found: Sequence[Line] | None = None

    def run(self) -> None:
        self._found = _looked(self.check, self._about)

    def lines(self, longest: float) -> Sequence[Line]:
        if self._found is None:
            return [amber(f"No answer within {longest:.0f} seconds.", "Try again; see splunkd.log if it stays so.")]
        return self._found or [green("Nothing to look at.")]


def _looked(check: Check, about: Surroundings) -> Sequence[Line]:
    try:
        return list(check.look(about))
    except ResponderError as error:
        found = amber if error.transient else red
        return [found(f"Could not be checked: {error.message}", error.hint)]
    except Exception as error:
        # Its text may hold anything; the log file is for administrators.
        log.exception("health: check=%s failed", check.name)
        return [red(f"The check itself failed ({type(error).__name__}).", "See cloudtrail_responder_executor.log.")]
