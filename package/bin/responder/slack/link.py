"""One link of Socket Mode: frames in, frames out, and whether there is still somebody at the other end.

A low-level loop of our own: Slack's client libraries stall at refreshes, lose messages that come in fragments or in
bursts, and spin when the peer vanishes.
"""

from __future__ import annotations

import json
import select
import time
from typing import Any

import websocket

#: Seconds after which whoever waits for a frame looks up.
LOOK_UP = 0.5
#: Seconds between pings, and without any frame until the peer counts as gone.
PING_EVERY, GONE_AFTER = 10.0, 30.0
#: Seconds that a frame of ours may take to leave.
SEND_WITHIN = 2.0


class LinkLost(Exception):
    """The link is of no use any more."""


class Link:
    """Used by one thread. ``ping_every`` and ``gone_after``: for tests."""

    def __init__(
        self, connected: Any, ping_every: float = PING_EVERY, gone_after: float = GONE_AFTER
    ) -> None:
        """``connected``: as ``dialing.dial`` gives it."""
        self._socket = connected
        self._ping_every = ping_every
        self._gone_after = gone_after
        self._heard = self._pinged = time.monotonic()

    def receive(self) -> str | None:
        """The next message; None when there is none yet, or only a part of one. Raises LinkLost."""
        self._keep_alive()
        self._socket.settimeout(LOOK_UP)
        try:
            opcode, data = self._socket.recv_data(control_frame=True)
        except websocket.WebSocketTimeoutException:
            return None
        except (websocket.WebSocketException, OSError, ValueError) as error:
            raise LinkLost(type(error).__name__) from None
        self._heard = time.monotonic()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            raise LinkLost("closed")
        if opcode not in (websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_BINARY):
            return None
        return bytes(data).decode("utf-8", "replace") if not isinstance(data, str) else data

    @property
    def has_more(self) -> bool:
        """Whether something has come that was not read yet."""
        sock = self._socket.sock
        if sock is None:
            return False
        pending = getattr(sock, "pending", None)
        return bool(pending and pending()) or bool(select.select([sock], [], [], 0)[0])

    def send(self, message: Any) -> None:
        """A JSON value. Raises LinkLost."""
        self._send(json.dumps(message), websocket.ABNF.OPCODE_TEXT)

    def close(self) -> None:
        """Say goodbye, and do not wait for an answer: a link that just goes away counts until it is noticed."""
        try:
            self._socket.settimeout(LOOK_UP)
            self._socket.send_close()
        except (websocket.WebSocketException, OSError):
            # There is nobody to say it to.
            return
        finally:
            self._socket.shutdown()

    def _keep_alive(self) -> None:
        now = time.monotonic()
        if now - self._heard > self._gone_after:
            raise LinkLost("the other end has vanished")
        if now - max(self._heard, self._pinged) >= self._ping_every:
            self._pinged = now
            self._send("", websocket.ABNF.OPCODE_PING)

    def _send(self, text: str, opcode: int) -> None:
        self._socket.settimeout(SEND_WITHIN)
        try:
            self._socket.send(text, opcode)
        except (websocket.WebSocketException, OSError) as error:
            raise LinkLost(type(error).__name__) from None
