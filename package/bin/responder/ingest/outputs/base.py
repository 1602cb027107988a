"""What an output is."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from ...errors import Rejected
from ..events import Events, Where


class RefusedEvents(Rejected):
    """It does not take these events for what is in them. Others it takes."""


class Output(Protocol):
    """Safe to share between threads.

    What of a file was written and not confirmed is unknown: it may be in the index or not. What raises while it is
    written is unknown, too.
    """

    #: Bytes of records that it takes best in one go.
    block: int

    def write(self, file: str, where: Where, events: Events) -> None:
        """Hand over the events, in order. Raises a ResponderError."""

    def finish(self, file: str) -> None:
        """All of a file is written, its own event last: from now on it may be confirmed."""

    def settle(self, files: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
        """Of these files, which the index has taken, and which it certainly or probably has not.

        Called every second or so; asks no more often than is worth it. Raises a ResponderError.
        """

    def forget(self, file: str) -> None:
        """The file has ended otherwise."""

    def close(self) -> None: ...
