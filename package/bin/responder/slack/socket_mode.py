"""Socket Mode: keeps a link to Slack up, and acknowledges what comes over it once it is written down.

A link lives for some hours. Slack says when it wants one to go; the next is opened at once, and the old one is read to
its end beside it. Clicks and commands that are not acknowledged do not come back: the person is told that it failed.
Source: docs.slack.dev, "Using Socket Mode", "apps.connections.open".
"""

from __future__ import annotations

import logging
import random
import re
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable

from ..errors import ResponderError, Unavailable
from ..http_transport import member
from ..json_limits import bounded_json
from ..settings.model import Http, SlackWorkspace
from .connection import SlackConnection
from .dialing import dial
from .link import Link, LinkLost

log = logging.getLogger("cloudtrail_responder")

#: Envelopes written down at a time; those that come together are few requests.
TOGETHER = 200
#: Seconds that Slack may take for its first word, and that a link which was told to go is read at most.
HELLO_WITHIN, READ_OUT = 10.0, 30.0
#: Seconds until a link is tried anew: at first, at most, and where Socket Mode is off or there are too many links.
FIRST_PAUSE, LONGEST_PAUSE, OFF_PAUSE = 0.2, 60.0, 180.0
#: Seconds after which a link counts as one that works.
PROVEN_AFTER = 30.0
#: Seconds that links have to say goodbye.
GOODBYE = 1.5
_NAME = re.compile(r"[\w-]{1,100}")


@dataclass(frozen=True)
class Envelope:
    """What came over a link. ``payload`` is whatever Slack sent; ``app`` is our app's id, as Slack greeted it."""

    id: str
    kind: str
    payload: Mapping[str, Any]
    app: str = ""


#: Writes envelopes down. What it raises (a ResponderError) means that they are not, and are not acknowledged.
Take = Callable[[Sequence[Envelope]], None]


class SocketMode:
    """One workspace's links. ``run`` returns when ``stop`` is set."""

    def __init__(
        self,
        workspace: SlackWorkspace,
        http: Http,
        take: Take,
        stop: threading.Event,
        make_link: Callable[..., Link] = Link,
    ) -> None:
        self.target = f"Slack workspace '{workspace.name}'"
        self._workspace = workspace
        self._http = http.on(workspace.network)
        self._slack = SlackConnection(workspace, http, of_app=True)
        self._take = take
        self._stop = stop
        self._make_link = make_link
        self._changed = threading.Condition()
        #: The thread whose link counts: it is being opened, or is up and was not told to go.
        self._current: threading.Thread | None = None
        self._threads: list[threading.Thread] = []
        self._failures = 0
        self._not_before = 0.0

    def run(self) -> None:
        """Keep a link up until ``stop``; then say goodbye. Raises nothing that Slack or the network did."""
        while not self._stop.is_set():
            with self._changed:
                if self._current is None and time.monotonic() >= self._not_before:
                    self._begin()
                self._changed.wait(0.1)
        ends_at = time.monotonic() + GOODBYE
        for thread in self._threads:
            thread.join(max(0.0, ends_at - time.monotonic()))

    def _begin(self) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._current = threading.Thread(target=self._serve, name="slack-link", daemon=True)
        self._threads.append(self._current)
        self._current.start()

    def _serve(self) -> None:
        """One link, from its opening to its end."""
        began, pause, link = time.monotonic(), 0.0, None
        try:
            link = self._open()
            app = self._greeted(link)
            log.info("workspace=%s link=up", self._workspace.name)
            pause = self._read(link, app)
        except LinkLost as lost:
            log.info("workspace=%s link=lost reason=%s", self._workspace.name, lost)
        except ResponderError as error:
            log.error("workspace=%s link=none: %s", self._workspace.name, error)
            pause = (error.retry_after or 0.0) if isinstance(error, Unavailable) else LONGEST_PAUSE
        except Exception:
            log.exception("workspace=%s link: internal error", self._workspace.name)
            pause = LONGEST_PAUSE
        finally:
            if link is not None:
                link.close()
            self._ended(time.monotonic() - began, pause)

    def _ended(self, lasted: float, pause: float) -> None:
        with self._changed:
            if self._current is not threading.current_thread():
                # It was told to go, and another one is there.
                return
            self._current = None
            self._failures = 0 if lasted >= PROVEN_AFTER else self._failures + 1
            backoff = FIRST_PAUSE * 2 ** min(self._failures, 12) if self._failures > 1 else FIRST_PAUSE
            wait = max(pause, min(LONGEST_PAUSE, backoff) * random.uniform(0.5, 1.0))
            self._not_before = time.monotonic() + wait
            self._changed.notify_all()

    def _open(self) -> Link:
        url = self._slack.read("apps.connections.open", lambda body: member(body, "url", str))
        return self._make_link(dial(self.target, url, self._http, bool(self._workspace.api_url)))

    def _greeted(self, link: Link) -> str:
        """Wait for the greeting; the id of our app. Raises LinkLost."""
        ends_at = time.monotonic() + HELLO_WITHIN
        while time.monotonic() < ends_at and not self._stop.is_set():
            message = _parsed(link.receive())
            if message.get("type") == "hello":
                about = message.get("connection_info")
                return str(about.get("app_id") or "") if isinstance(about, dict) else ""
        raise LinkLost("no greeting came")

    def _read(self, link: Link, app: str) -> float:
        """Read until the link ends; seconds to leave Slack alone. Raises LinkLost."""
        ends_at = float("inf")
        while not self._stop.is_set() and time.monotonic() < ends_at:
            envelopes, reason = self._received(link, app)
            self._answer(link, envelopes)
            if reason in ("link_disabled", "too_many_websockets"):
                log.error("workspace=%s link=refused reason=%s", self._workspace.name, reason)
                return OFF_PAUSE
            if reason and ends_at == float("inf"):
                ends_at = time.monotonic() + READ_OUT
                self._make_room()
        return 0.0

    def _make_room(self) -> None:
        """Have the next link opened now; this one is read on beside it."""
        with self._changed:
            if self._current is threading.current_thread():
                self._current, self._not_before = None, 0.0
                self._changed.notify_all()

    def _received(self, link: Link, app: str) -> tuple[list[Envelope], str]:
        """What has come together, and why Slack wants the link to go, if it does. Raises LinkLost."""
        envelopes: list[Envelope] = []
        while True:
            try:
                message = _parsed(link.receive())
            except LinkLost:
                if not envelopes:
                    raise
                # What has arrived whole counts, even if nobody can be told so any more.
                return envelopes, ""
            if message.get("type") == "disconnect":
                return envelopes, str(message.get("reason") or "unknown")
            found = _envelope(message, app)
            if found is not None:
                envelopes.append(found)
            if len(envelopes) >= TOGETHER or not link.has_more:
                return envelopes, ""

    def _answer(self, link: Link, envelopes: Sequence[Envelope]) -> None:
        """Write them down, then acknowledge them. Raises LinkLost."""
        if not envelopes:
            return
        try:
            self._take(envelopes)
        except ResponderError as error:
            # Not acknowledged: Slack tells the person that it did not work.
            log.error("workspace=%s envelopes=%d not taken: %s", self._workspace.name, len(envelopes), error)
            return
        for envelope in envelopes:
            link.send({"envelope_id": envelope.id})


def _parsed(text: str | None) -> Mapping[str, Any]:
    """A message; empty for none, and for what is no message of Slack's."""
    if text is None:
        return {}
    try:
        message = bounded_json(text)
    except ValueError as error:
        log.error("a message over the link is not read: it %s", error)
        return {}
    return message if isinstance(message, dict) else {}


def _envelope(message: Mapping[str, Any], app: str) -> Envelope | None:
    name, payload = message.get("envelope_id"), message.get("payload")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return None
    return Envelope(name, str(message.get("type") or "")[:40], payload if isinstance(payload, dict) else {}, app)
