"""The Splunk that is tried, and what has to be put back afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Callable

from .client import Splunk
from .outcomes import Outcome, failed


@dataclass
class Site:
    admin: Splunk
    #: Where an event may be planted; empty for nowhere.
    index: str = ""
    #: Seconds that are waited for an event to be searchable.
    wait: float = 90.0
    #: In the name of whatever is made, so that everybody sees where it comes from.
    mark: str = field(default_factory=lambda: f"smoke{secrets.token_hex(4)}")
    _undo: list[tuple[str, Callable[[], object]]] = field(default_factory=list)

    def afterwards(self, what: str, undo: Callable[[], object]) -> None:
        """To be done at the end, whatever happens; before what was named earlier."""
        self._undo.append((what, undo))

    def clean_up(self) -> Iterator[Outcome]:
        """What could not be put back."""
        while self._undo:
            what, undo = self._undo.pop()
            try:
                undo()
            except Exception as error:
                yield failed("clean up", f"{what} is still there ({error}). Remove it by hand.")


Part = Callable[[Site], Iterable[Outcome]]


def tried(what: str, part: Part, site: Site) -> Iterator[Outcome]:
    """What a part found, as it finds it. One that breaks off is a failure, and not the end of the others."""
    try:
        yield from part(site)
    except Exception as error:
        yield failed(what, f"broke off: {type(error).__name__}: {error}")
