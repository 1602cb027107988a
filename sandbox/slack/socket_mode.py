"""Socket Mode: links that an app opens, envelopes that come over them, and what the app acknowledges.

Source: docs.slack.dev, "Using Socket Mode" and "apps.connections.open": an address is good for one connection; of
several links each envelope goes to one; ``{"envelope_id"}`` is the acknowledgement, with a payload only where the
envelope accepts one; a link says ``disconnect`` before Slack closes it.
"""

from __future__ import annotations

import itertools
import json
import secrets
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BufferedIOBase
from typing import Any

from sandbox.loopback import Exchange
from sandbox.slack.model import APP_ID
from sandbox.slack.websocket import WebSocket

PATH = "/link/"
MOST_LINKS = 10
#: Seconds for which an address can be used.
TICKET_LIFE = 30.0


class NobodyListens(ConnectionError):
    """No link is open: Slack tells the person that the app does not answer."""


@dataclass
class Acknowledged:
    """An envelope that the app acknowledged: how long that took, over which link, and with what."""

    seconds: float
    link: int
    payload: Any


@dataclass
class Link:
    number: int
    socket: WebSocket
    is_up: bool = False
    #: Whether it was told to go.
    is_leaving: bool = False
    #: Envelope -> when it was sent, whether it takes a payload.
    sent: dict[str, tuple[float, bool]] = field(default_factory=dict)


class SocketMode:
    """What tests look at and do: ``links``, ``acknowledged``, ``faults_of_client``; ``send``, ``refresh``, ``drop``."""

    def __init__(self) -> None:
        self._tickets: dict[str, float] = {}
        self._numbers = itertools.count(1)
        self._turn = itertools.count()
        self._changed = threading.Condition()
        self._links: list[Link] = []
        self._timers: list[threading.Timer] = []
        self.acknowledged: dict[str, Acknowledged] = {}
        #: What the app sent that Slack would not take.
        self.faults_of_client: list[str] = []
        #: Close codes of links that have ended; None where there was no close frame.
        self.closed_with: list[int | None] = []

    def ticket(self) -> str:
        """The query of an address for one link."""
        ticket = secrets.token_hex(16)
        self._tickets[ticket] = time.monotonic()
        return f"ticket={ticket}&app_id={APP_ID}"

    # --- what tests do and look at -----------------------------------------------------------------------------------

    @property
    def links(self) -> list[Link]:
        """Links that are up, oldest first."""
        with self._changed:
            return [link for link in self._links if link.is_up]

    def wait(self, until: Callable[[SocketMode], Any], seconds: float = 30.0) -> None:
        """Wait for something to be so. Raises ``TimeoutError``."""
        with self._changed:
            if not self._changed.wait_for(lambda: until(self), seconds):
                raise TimeoutError(f"not so within {seconds} seconds; links: {len(self._links)}")

    def wait_for_link(self, links: int = 1) -> None:
        self.wait(lambda mode: len(mode.links) >= links)

    def wait_for(self, *envelopes: str) -> list[Acknowledged]:
        """Wait until envelopes are acknowledged. Raises ``TimeoutError``."""
        self.wait(lambda mode: all(one in mode.acknowledged for one in envelopes))
        return [self.acknowledged[one] for one in envelopes]

    def send(
        self,
        kind: str,
        payload: Mapping[str, Any],
        takes_payload: bool = False,
        envelope: str = "",
        link: Link | None = None,
        **how: Any,
    ) -> str:
        """Send an envelope over one of the links, in turn; gives its id. ``how``: as ``WebSocket.send`` takes it.

        Raises ``NobodyListens``.
        """
        chosen = link or self._next()
        name = envelope or str(uuid.uuid4())
        chosen.sent[name] = (time.monotonic(), takes_payload)
        message = {
            "envelope_id": name,
            "type": kind,
            "accepts_response_payload": takes_payload,
            "payload": dict(payload),
        }
        try:
            chosen.socket.send(message, **how)
        except OSError as error:
            raise NobodyListens("the link broke") from error
        return name

    def refresh(self, grace: float = 10.0, reason: str = "refresh_requested") -> None:
        """Tell every link to go; what is still open ``grace`` seconds later is closed."""
        for link in self.links:
            link.is_leaving = True
            link.socket.send({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}})
            timer = threading.Timer(grace, link.socket.close)
            timer.daemon = True
            timer.start()
            self._timers.append(timer)

    def drop(self) -> None:
        """Cut every link, without a word."""
        for link in self.links:
            link.socket.reset()

    def go_mute(self) -> None:
        """Nothing is answered any more on the links there are, not even a ping; they stay open."""
        for link in self.links:
            link.socket.is_mute = True
            link.is_leaving = True

    def stop(self) -> None:
        for timer in self._timers:
            timer.cancel()

    # --- serving -----------------------------------------------------------------------------------------------------

    def serve(self, exchange: Exchange, stream: BufferedIOBase, connection: socket.socket) -> None:
        """One connection, from its handshake to its end."""
        found = WebSocket(exchange, stream, connection)
        if not self._is_good(exchange):
            found.reject(403)
            return
        found.accept()
        link = Link(next(self._numbers), found)
        with self._changed:
            self._links.append(link)
        try:
            if len(self._links) > MOST_LINKS:
                found.send({"type": "disconnect", "reason": "too_many_websockets"})
                found.close()
                return
            found.send(self._hello())
            self._mark(link, is_up=True)
            found.serve(lambda text: self._receive(link, text))
        finally:
            with self._changed:
                self._links.remove(link)
                link.is_up = False
                self.closed_with.append(found.closed_with)
                self._changed.notify_all()

    def _is_good(self, exchange: Exchange) -> bool:
        """Whether the address was given out, a short while ago, and not used before."""
        (ticket,) = exchange.query.get("ticket", [""])
        at = self._tickets.pop(ticket, None)
        return exchange.path == PATH and at is not None and time.monotonic() - at < TICKET_LIFE

    def _hello(self) -> dict[str, Any]:
        debug = {"host": "applink-sandbox", "build_number": 1, "approximate_connection_time": 18_060}
        return {
            "type": "hello",
            "num_connections": len(self._links),
            "debug_info": debug,
            "connection_info": {"app_id": APP_ID},
        }

    def _mark(self, link: Link, is_up: bool) -> None:
        with self._changed:
            link.is_up = is_up
            self._changed.notify_all()

    def _next(self) -> Link:
        """Links in turn, those first that were not told to go."""
        links = [link for link in self.links if not link.is_leaving] or self.links
        if not links:
            raise NobodyListens("no link is open")
        return links[next(self._turn) % len(links)]

    def _receive(self, link: Link, text: str) -> None:
        try:
            message = json.loads(text)
        except ValueError:
            message = None
        with self._changed:
            problem = self._problem(link, message)
            if problem:
                self.faults_of_client.append(problem)
            else:
                at, _ = link.sent[message["envelope_id"]]
                taken = Acknowledged(time.monotonic() - at, link.number, message.get("payload"))
                self.acknowledged.setdefault(message["envelope_id"], taken)
            self._changed.notify_all()

    def _problem(self, link: Link, message: Any) -> str:
        if not isinstance(message, dict) or not isinstance(message.get("envelope_id"), str):
            return "not an object with an envelope_id"
        if unknown := set(message) - {"envelope_id", "payload"}:
            return f"unknown keys: {', '.join(sorted(unknown))}"
        sent = link.sent.get(message["envelope_id"])
        if sent is None:
            return f"acknowledges {message['envelope_id'][:40]}, which was not sent over this link"
        return "a payload where none is taken" if "payload" in message and not sent[1] else ""
