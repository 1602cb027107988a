"""Splunk's HTTP Event Collector with indexer acknowledgement: the index itself says what it has taken.

Source: Splunk, "About HTTP Event Collector Indexer Acknowledgment", "HTTP Event Collector REST API endpoints".
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Callable

from ...errors import ConfigurationError, Curable, ResponderError, Unavailable
from ...http_failures import quote_text, retry_after
from ...settings.model import Http
from ...settings.secret import Secret
from ..events import Events, Where, clean
from .base import RefusedEvents

if TYPE_CHECKING:
    from ...http_transport import Answer

log = logging.getLogger("cloudtrail_responder")

#: Bytes of a request, about; Splunk takes 800 MB at most, and load balancers much less.
REQUEST = 1_000_000
#: Seconds between two questions for acknowledgements, and after which one is not expected any more.
LOOK, EXPECTED = 2.0, 300.0
#: Splunk's own codes in an answer. Source: "Possible error codes".
_TOKEN_CODES, _BUSY_CODES, _INDEX, _NO_ACK = (1, 2, 3, 4), (8, 9, 18, 19, 20, 23, 24), 7, 14
#: Those about the events of a request, as is the status of a body that is too long.
_EVENT_CODES, _TOO_LONG = (5, 6, 12, 13, 15, 27), 413

#: In place of an ID that was given before splunkd restarted.
_NEVER = -1


class HecOutput:
    """``name``: of the input, for messages."""

    block = REQUEST

    def __init__(
        self,
        name: str,
        url: str,
        token: Secret,
        http: Http,
        monotonic: Callable[[], float] = time.monotonic,
        look: float = LOOK,
    ) -> None:
        # The build looks through the app without the libraries.
        from ...http_transport import Transport

        self._base = f"{url}/services/collector"
        #: One until splunkd restarts; Splunk removes one that is idle for ten minutes.
        self.channel = str(uuid.uuid4())
        self._given = _Given()
        self._token = token
        self._target = f"CloudTrail input '{name}': HEC"
        self._transport = Transport(self._target, "on the Inputs page", http, f"Splunk {token.reveal()}")
        self._monotonic, self._look = monotonic, look
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        #: File -> what of it is not acknowledged, with the moment of the last request.
        self._open: dict[str, set[int]] = {}
        self._written: dict[str, float] = {}
        self._finished: set[str] = set()

    def write(self, file: str, where: Where, events: Events) -> None:
        for body in _bodies(where, events):
            channel = self.channel
            ack = self._post(body, channel)
            with self._lock:
                self._written[file] = self._monotonic()
                if channel == self.channel and not self._given.is_new(ack):
                    self._begin_anew()
                    ack = _NEVER
                elif channel != self.channel:
                    ack = _NEVER
                self._open.setdefault(file, set()).add(ack)

    def _begin_anew(self) -> None:
        """An ID of the channel was given a second time: splunkd has restarted, and knows none of those before.

        What waits for them must not be taken for what is sent now. It is looked up, and what is lacking is sent again.
        """
        log.warning("%s counts its acknowledgements anew: what it has not acknowledged yet is looked up", self._target)
        self.channel, self._given = str(uuid.uuid4()), _Given()
        for file, acks in self._open.items():
            if acks:
                self._open[file] = {_NEVER}

    def finish(self, file: str) -> None:
        with self._lock:
            self._finished.add(file)

    def settle(self, files: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
        with self._lock:
            is_due = self._monotonic() - self._looked_at >= self._look
            waiting = {ack for file, acks in self._open.items() if file in files for ack in acks} - {_NEVER}
            asked, channel = (sorted(waiting), self.channel) if is_due else ([], self.channel)
            if is_due:
                self._looked_at = self._monotonic()
        taken = self._acknowledged(asked, channel) if asked else frozenset()
        with self._lock:
            if channel == self.channel:
                for acks in self._open.values():
                    acks -= taken
            finished = [file for file in self._finished if file in files]
            done = frozenset(file for file in finished if not self._open.get(file))
            late = self._monotonic() - EXPECTED
            lost = frozenset(
                file
                for file in finished
                if file not in done and (_NEVER in self._open[file] or self._written.get(file, 0.0) < late)
            )
            for file in done | lost:
                self._drop(file)
        return done, lost

    def forget(self, file: str) -> None:
        with self._lock:
            self._drop(file)

    def close(self) -> None:
        """Nothing is kept open."""

    def check(self) -> str:
        """Whether the token is taken and acknowledges: an empty question. Raises a ResponderError."""
        answer = self._ask({"acks": []}, self.channel)
        if answer.status == 200 or _code(answer) in (5, 6):
            return "HEC answers with acknowledgements."
        raise self._refused(answer)

    def _drop(self, file: str) -> None:
        self._open.pop(file, None)
        self._written.pop(file, None)
        self._finished.discard(file)

    def _post(self, body: bytes, channel: str) -> int:
        headers = {"Content-Type": "application/json", "X-Splunk-Request-Channel": channel}
        answer = self._transport.send(f"{self._base}/event", body, headers, lambda: None)
        if answer.status != 200:
            raise self._refused(answer)
        try:
            return int(answer.json()["ackId"])
        except (ValueError, KeyError, TypeError):
            raise self._without_acks() from None

    def _ask(self, body: Mapping[str, Any], channel: str) -> Answer:
        url = f"{self._base}/ack?channel={channel}"
        headers = {"Content-Type": "application/json", "X-Splunk-Request-Channel": channel}
        # Told once: an answer that is lost is one that never comes, and the file is looked up then.
        return self._transport.send(url, json.dumps(body).encode(), headers, lambda: None)

    def _acknowledged(self, acks: Sequence[int], channel: str) -> frozenset[int]:
        answer = self._ask({"acks": list(acks)}, channel)
        if answer.status != 200:
            raise self._refused(answer)
        try:
            found = answer.json()["acks"]
            return frozenset(int(ack) for ack, is_taken in found.items() if is_taken is True)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Unavailable(f"{self._target} answers something that is none of HEC's.", "Check 'HEC URL'.") from None

    def _without_acks(self) -> ConfigurationError:
        return ConfigurationError(
            f"{self._target}: the token does not acknowledge.",
            "Enable indexer acknowledgement for the token, or leave 'HEC URL' empty (Splunk Cloud has none).",
        )

    def _refused(self, answer: Answer) -> ResponderError:
        code = _code(answer)
        said = f"HTTP {answer.status}{f', code {code}' if code is not None else ''}"
        if code == _NO_ACK:
            return self._without_acks()
        if code in _TOKEN_CODES or answer.status in (401, 403):
            return ConfigurationError(f"{self._target} does not accept the token ({said}).", "Correct 'HEC token'.")
        if code == _INDEX:
            why = f"{self._target}: the token may not write to the index ({said})."
            return ConfigurationError(why, "Allow it, or correct 'Index'.")
        if code in _BUSY_CODES or answer.status in (408, 425, 429) or answer.status >= 500:
            return Unavailable(f"{self._target} is busy ({said}).", "It is tried again.", retry_after(answer.headers))
        quoted = quote_text(answer.text, self._token.reveal())
        if answer.status == _TOO_LONG or (answer.status == 400 and code in _EVENT_CODES):
            return RefusedEvents(
                f"{self._target} refuses events of this file ({said}): {quoted}",
                "If they are too long, raise the limit of HEC, or of the proxy in front of it.",
            )
        return Curable(f"{self._target} refuses the events ({said}): {quoted}", "Check 'HEC URL'.")


class _Given:
    """The IDs that a channel has given. They count from 0; threads may hear of them in another order."""

    def __init__(self) -> None:
        self._below = 0
        self._beyond: set[int] = set()

    def is_new(self, ack: int) -> bool:
        """Whether it was not given before; it is given then."""
        if ack < self._below or ack in self._beyond:
            return False
        self._beyond.add(ack)
        while self._below in self._beyond:
            self._beyond.remove(self._below)
            self._below += 1
        return True


def _code(answer: Answer) -> int | None:
    try:
        return int(answer.json()["code"])
    except (ValueError, KeyError, TypeError):
        return None


def _bodies(where: Where, events: Events) -> Iterator[bytes]:
    """Requests of events. A record goes as a string: nothing in it can be read as a field of HEC's."""
    named = {"index": where.index, "sourcetype": where.sourcetype, "source": where.source, "host": where.host}
    given: dict[str, Any] = {name: value for name, value in named.items() if value}
    if where.fields:
        given["fields"] = dict(where.fields)
    tail = f", {json.dumps(given)[1:]}"
    parts: list[str] = []
    size = 0
    for raw, time_of in zip(events.raws, events.times):
        said = "" if time_of is None else f', "time": {time_of:.3f}'
        text = f'{{"event": {json.dumps(clean(raw).decode("utf-8"), ensure_ascii=False)}{said}{tail}'
        if parts and size + len(text) > REQUEST:
            yield "\n".join(parts).encode("utf-8")
            parts, size = [], 0
        parts.append(text)
        size += len(text)
    if parts:
        yield "\n".join(parts).encode("utf-8")
