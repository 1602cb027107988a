"""One WebSocket of Slack's Socket Mode, served over a connection of the stand-in. Frames are wsproto's business."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable
from io import BufferedIOBase
from typing import Any

from wsproto import WSConnection
from wsproto.connection import ConnectionState, ConnectionType
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Event,
    Ping,
    Pong,
    RejectConnection,
    Request,
    TextMessage,
)

from sandbox.loopback import Exchange

#: Bytes of a message's part when it is sent in several frames.
FRAGMENT = 1_000


class WebSocket:
    """Sending is safe from any thread; ``serve`` reads until the connection ends."""

    def __init__(self, exchange: Exchange, stream: BufferedIOBase, connection: socket.socket) -> None:
        self._stream = stream
        self._connection = connection
        self._lock = threading.Lock()
        self._protocol = WSConnection(ConnectionType.SERVER)
        headers = [(name.encode(), value.encode()) for name, value in exchange.headers.items()]
        self._protocol.initiate_upgrade_connection(headers, exchange.target)
        #: Whether nothing is answered and nothing is read any more, as from a peer that has vanished.
        self.is_mute = False
        #: The close code that the client sent; None where it just went away.
        self.closed_with: int | None = None

    def accept(self) -> None:
        """Raises ``ValueError`` where the client asked for no WebSocket."""
        if not any(isinstance(event, Request) for event in self._protocol.events()):
            raise ValueError("no WebSocket handshake")
        self._send(AcceptConnection())

    def reject(self, status: int) -> None:
        list(self._protocol.events())
        self._send(RejectConnection(status_code=status))

    def send(self, message: Any, in_fragments: bool = False) -> None:
        """A JSON value, or a text as it is. Raises ``OSError``."""
        text = message if isinstance(message, str) else json.dumps(message)
        if not in_fragments:
            self._send(TextMessage(text))
            return
        parts = [text[start : start + FRAGMENT] for start in range(0, len(text), FRAGMENT)]
        for number, part in enumerate(parts, 1):
            self._send(TextMessage(part, message_finished=number == len(parts)))

    def send_raw(self, message: Any, pieces: int, pause: Callable[[], None]) -> None:
        """One frame, whose bytes arrive in pieces with a pause between them."""
        text = message if isinstance(message, str) else json.dumps(message)
        with self._lock:
            data = self._protocol.send(TextMessage(text))
            size = -(-len(data) // pieces)
            for start in range(0, len(data), size):
                self._connection.sendall(data[start : start + size])
                pause()

    def close(self, code: int = 1000) -> None:
        """Say goodbye and end the connection."""
        with contextlib.suppress(OSError):
            self._send(CloseConnection(code))
            self._connection.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """Cut the connection, without a close frame."""
        with contextlib.suppress(OSError):
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._connection.shutdown(socket.SHUT_RDWR)

    def serve(self, receive: Callable[[str], None]) -> None:
        """Hand each message over, until either end closes. Raises ``OSError``."""
        text = ""
        while self._protocol.state is not ConnectionState.CLOSED:
            data = self._stream.read1(65_536)
            if self.is_mute:
                if not data:
                    return
                continue
            with self._lock:
                self._protocol.receive_data(data or None)
                events = list(self._protocol.events())
            for event in events:
                if isinstance(event, TextMessage):
                    text += event.data
                    if event.message_finished:
                        receive(text)
                        text = ""
                elif isinstance(event, Ping):
                    self._send(event.response())
                elif isinstance(event, CloseConnection):
                    self.closed_with = event.code if data else None
                    if data and self._protocol.state is ConnectionState.REMOTE_CLOSING:
                        self._send(event.response())
                    return
                elif not isinstance(event, Pong):
                    raise ValueError(f"the stand-in takes no {type(event).__name__}")

    def _send(self, event: Event) -> None:
        with self._lock:
            if not self.is_mute:
                self._connection.sendall(self._protocol.send(event))
