"""The stream of a modular input: XML on standard output, which splunkd reads through a pipe.

Source: Splunk, "Modular inputs: XML streaming mode". A write that has returned is in the pipe, which outlives this
process and not splunkd. So a file counts as taken once its last event is found in the index; or, where the index cannot
be asked from here, once it is written.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Collection
from typing import Callable
from xml.sax.saxutils import escape, quoteattr

from ...errors import Unavailable
from ..events import Events, Where, xml_texts

#: Seconds between two looks into the index, and after which a file that is not found is not expected any more.
LOOK, EXPECTED = 5.0, 600.0
_END = b"</data><done/></event>\n"
#: Files that were finished since and the moment of the oldest -> those that are in the index.
Arrived = Callable[[float], frozenset[str]]


class StreamOutput:
    """``descriptor``: of the pipe. ``arrived``: see ``Arrived``; None where the index cannot be asked.

    ``now``: epoch seconds by splunkd's clock.
    """

    #: As the splitter gives them: they are still in the processor's cache.
    block = 1

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

    def write(self, file: str, where: Where, events: Events) -> None:
        if not events.raws:
            return
        heads = self._heads(where, events)
        parts = [b""] * (2 * len(heads))
        parts[::2], parts[1::2] = heads, xml_texts(events)
        # A head ends the event before it.
        parts[0] = parts[0][len(_END) :]
        parts.append(_END)
        with self._lock:
            if not self._is_open:
                self._is_open = True
                parts.insert(0, b"<stream>\n")
            self._put(b"".join(parts))

    def _heads(self, where: Where, events: Events) -> list[bytes]:
        """What stands in front of the text of each event, from the end of the one before."""
        begin = f'{_END.decode()}<event stanza={self._stanza} unbroken="1">'
        named = (("index", where.index), ("sourcetype", where.sourcetype), ("source", where.source))
        rest = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in (*named, ("host", where.host)) if value)
        untimed = f"{begin}{rest}<data>".encode()
        timed, behind = f"{begin}<time>".encode(), f"</time>{rest}<data>".encode()
        return [untimed if time is None else b"%b%.3f%b" % (timed, time, behind) for time in events.times]

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
