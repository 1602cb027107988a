"""A proxy on loopback before one server: it passes requests on, logs them, and misbehaves by rule.

For servers that cannot misbehave by themselves (moto), and for whoever wants to see what a client asks of a server.
"""

from __future__ import annotations

import http.client
import select
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from sandbox.loopback import Exchange, Reply
from sandbox.standin import StandIn

#: What belongs to a connection and not to the message (RFC 9110, section 7.6.1), and what each side counts itself.
_OF_THE_CONNECTION = frozenset(
    ("connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "upgrade", "expect", "content-length")
)
#: Seconds that the server behind may take.
PATIENCE = 300.0


class FaultProxy(StandIn):
    """``FaultProxy("http://127.0.0.1:4566").start()`` listens on ``url``; ``faults`` and ``requests`` as any stand-in.

    ``status`` of a logged request is what the client saw. The server behind need not run yet when the proxy starts;
    while it does not answer, the client sees 502.
    """

    name = "proxy"

    def __init__(self, upstream: str, port: int = 0) -> None:
        super().__init__(port)
        self.upstream = upstream
        self._connections = threading.local()

    def routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        return []

    def answer(self, exchange: Exchange) -> Reply:
        """Pass one request on. Several are under way at the same time, as many as clients send."""
        connection = self._connection()
        try:
            _send(connection, exchange)
            answer = connection.getresponse()
            headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in _OF_THE_CONNECTION]
            reply = Reply(answer.status, answer.read(), headers)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            self.log.warning("%s does not answer %s %s: %s", self.upstream, exchange.method, exchange.path, error)
            return Reply(502, f"{self.upstream} does not answer".encode(), [("Content-Type", "text/plain")])
        if answer.will_close:
            connection.close()
        return reply

    def _connection(self) -> http.client.HTTPConnection:
        """The one of this thread, and so of this client: kept, as the client keeps its own, until either end closes."""
        parts = urlsplit(self.upstream)
        kept: http.client.HTTPConnection | None = getattr(self._connections, parts.netloc, None)
        if kept is None:
            kept = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=PATIENCE)
            setattr(self._connections, parts.netloc, kept)
        elif kept.sock is not None and select.select([kept.sock], [], [], 0)[0]:
            # Something to read before anything was asked: the other end has closed it.
            kept.close()
        return kept


def _send(connection: http.client.HTTPConnection, exchange: Exchange) -> None:
    connection.putrequest(exchange.method, exchange.target, skip_host=True, skip_accept_encoding=True)
    for name, value in exchange.headers.items():
        if name.lower() not in _OF_THE_CONNECTION:
            connection.putheader(name, value)
    if exchange.body or exchange.method in ("POST", "PUT", "PATCH"):
        connection.putheader("Content-Length", str(len(exchange.body)))
    connection.endheaders(exchange.body)
