"""The stream of a modular input: XML on standard output, which splunkd reads through a pipe.

Source: Splunk, "Modular inputs: XML streaming mode". A write that has returned is in the pipe, which outlives this
process and not splunkd. So a file counts as taken once its last event is found in the index; or, where the index cannot
be asked from here, once it is written.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Collection, Sequence
from typing import Callable
from xml.sax.saxutils import escape, quoteattr

from ...errors import Unavailable
from ..events import Event, Where, clean, escaped

#: Seconds between two looks into the index, and after which a file that is not found is not expected any more.
LOOK, EXPECTED = 5.0, 600.0
#: Files that were finished since and the moment of the oldest -> those that are in the index.
Arrived = Callable[[float], frozenset[str]]


class StreamOutput:
    """``descriptor``: of the pipe. ``arrived``: see ``Arrived``; None where the index cannot be asked.

    ``now``: epoch seconds by splunkd's clock.
    """

    def __init__(
        self,
        descriptor: int,
        stanza: str,
        arrived: Arrived | None,
        now: Callable[[], float],
        monotonic: Callable[[], float] = time.monotonic,
        look: float = LOOK,
    ) -> None:
        self._descriptor = descriptor
        self._stanza = quoteattr(stanza)
        self._arrived = arrived
        self._now, self._monotonic, self._look = now, monotonic, look
        self._lock = threading.Lock()
        self._is_open = False
        self._looked_at = float("-inf")
        self._finished: dict[str, float] = {}

    def write(self, file: str, where: Where, events: Sequence[Event]) -> None:
        head = f'<event stanza={self._stanza} unbroken="1">'
        tail = "".join(
            f"<{name}>{escape(value)}</{name}>"
            for name, value in (
                ("index", where.index),
                ("sourcetype", where.sourcetype),
                ("source", where.source),
                ("host", where.host),
            )
            if value
        )
        timed, untimed = f"{head}<time>%.3f</time>{tail}<data>", f"{head}{tail}<data>".encode()
        before = timed.replace("%", "%%").replace("%%.3f", "%.3f")
        parts: list[bytes] = []
        for event in events:
            parts.append(untimed if event.time is None else (before % event.time).encode())
            parts.append(escaped(clean(event.raw)))
            parts.append(b"</data><done/></event>\n")
        with self._lock:
            if not self._is_open:
                self._is_open = True
                parts.insert(0, b"<stream>\n")
            self._put(b"".join(parts))

    def _put(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError as error:
            raise Unavailable("splunkd does not read this input any more.", "It starts the input again.") from error

    def finish(self, file: str) -> None:
        with self._lock:
            self._finished[file] = self._now()

    def settle(self, files: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
        with self._lock:
            waiting = {file: at for file, at in self._finished.items() if file in files}
        if not waiting:
            return frozenset(), frozenset()
        taken = frozenset(waiting)
        if self._arrived is not None:
            if self._monotonic() - self._looked_at < self._look:
                return frozenset(), frozenset()
            self._looked_at = self._monotonic()
            taken = self._arrived(min(waiting.values())) & frozenset(waiting)
        lost = frozenset(file for file, at in waiting.items() if file not in taken and self._now() - at > EXPECTED)
        with self._lock:
            for file in taken | lost:
                self._finished.pop(file, None)
        return taken, lost

    def forget(self, file: str) -> None:
        with self._lock:
            self._finished.pop(file, None)

    def close(self) -> None:
        """Ends the stream, which splunkd wants to see ended."""
        with self._lock:
            if self._is_open:
                self._is_open = False
                self._put(b"</stream>\n")
