"""The HTTP server under every stand-in: loopback, threads, keep-alive, TLS, and faults on purpose."""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import socket
import socketserver
import ssl
import struct
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from io import BufferedIOBase
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from sandbox.faults import CONTROL_PATH, Fault, Faults

T = TypeVar("T")
_STATUSES = frozenset(status.value for status in HTTPStatus)
_MAX_BODY = 256 * 1024 * 1024
#: Headers that are the server's own business.
_FRAMING = frozenset({"connection", "content-length", "transfer-encoding"})


@dataclass
class Exchange:
    """One request as it came in. ``status`` is ``None`` while it runs, and for ever where the answer was lost."""

    method: str
    #: Path and query string as they were sent.
    target: str
    headers: dict[str, str]
    body: bytes
    #: Address and port.
    client: tuple[str, int]
    #: Reads the rest of the connection, for a streamed body that has no length.
    read_rest: Callable[[], bytes] = field(repr=False)
    time: float = field(default_factory=time.time)
    status: int | None = None
    #: The kind of fault it met.
    fault: str | None = None

    def header(self, name: str) -> str:
        """A header's value, whatever the case of its name; empty when it was not sent."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def json(self) -> Any:
        """The body as JSON. Raises ``ValueError`` when it is not."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True)
class Reply:
    """An answer; the server adds the headers that frame it."""

    status: int
    body: bytes = b""
    headers: Iterable[tuple[str, str]] = ()


def plain_fault_reply(exchange: Exchange, fault: Fault) -> Reply:
    """The answer of a fault that answers, just as its rule has it."""
    headers = {"Content-Type": "text/plain", **fault.headers}
    return Reply(fault.status, fault.body.encode(), tuple(headers.items()))


class LoopbackServer:
    """Serves on ``127.0.0.1`` from ``start()`` to ``stop()``.

    ``answer`` carries a request out. ``faults`` gives the rules there are now (or None), ``fault_of`` the fault that a
    request meets, where the rules alone do not decide; ``fault_reply`` gives a service's own form to its answer.
    ``receive`` is called with every request but those to the control path of the faults. ``upgrade`` gets each
    connection that is to become a WebSocket, and keeps it until it returns. ``server_name`` and ``clock`` (epoch
    seconds) are what the headers ``Server`` and ``Date`` show.
    """

    def __init__(
        self,
        answer: Callable[[Exchange], Reply],
        log: logging.Logger,
        faults: Callable[[], Faults | None],
        *,
        fault_of: Callable[[Exchange], Fault | None] | None = None,
        fault_reply: Callable[[Exchange, Fault], Reply] = plain_fault_reply,
        receive: Callable[[Exchange], None] = lambda exchange: None,
        upgrade: Callable[[Exchange, BufferedIOBase, socket.socket], None] | None = None,
        tls: ssl.SSLContext | None = None,
        server_name: str = "sandbox",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.answer = answer
        self.log = log
        self.faults = faults
        self.fault_of = fault_of or self._by_rule
        self.fault_reply = fault_reply
        self.receive = receive
        self.upgrade = upgrade
        self.tls = tls
        self.server_name = server_name
        self.clock = clock
        self.stopping = threading.Event()
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._held = contextlib.ExitStack()

    def _by_rule(self, exchange: Exchange) -> Fault | None:
        faults = self.faults()
        return faults.take(exchange.method, exchange.path) if faults is not None else None

    @property
    def running(self) -> bool:
        return self._server is not None

    def start(self, port: int = 0) -> int:
        """Serve from a thread of its own; give back the port (a free one for 0)."""
        self.stopping.clear()
        self._server = _once_free(lambda: _Server(("127.0.0.1", port), self))
        self._held.close()
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name=f"sandbox-{self.server_name}",
            daemon=True,
        )
        self._thread.start()
        return int(self._server.server_address[1])

    def stop(self) -> None:
        """Stop serving and cut every open connection, as a killed server would. The port is kept for the next start."""
        if self._server is None or self._thread is None:
            return
        self.stopping.set()
        self._server.shutdown()
        address = self._server.server_address
        self._server.server_close()
        self._hold(address)
        self._server.cut_connections()
        self._thread.join()
        self._server = self._thread = None

    def _hold(self, address: Any) -> None:
        """Bind the port without listening: it refuses connections, and nobody else is given it as a free one."""
        held = socket.socket()
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.callback(weakref.finalize(self, held.close))
        _once_free(lambda: held.bind(address))


def _once_free(bind: Callable[[], T]) -> T:
    """Bind a port. A process that is just being started may hold the listening socket until it is on its own."""
    for _ in range(100):
        try:
            return bind()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
        time.sleep(0.02)
    return bind()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], owner: LoopbackServer) -> None:
        self.owner = owner
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        # The handshake belongs to the connection's own thread: a silent client must not stop the others.
        if self.owner.tls is not None:
            request.settimeout(30)
            request = self.owner.tls.wrap_socket(request, server_side=True)
            request.settimeout(None)
        with self._lock:
            self._open.add(request)
        try:
            super().finish_request(request, client_address)
        finally:
            with self._lock:
                self._open.discard(request)
            if self.owner.tls is not None:
                request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that went away is its own business; a service catches its own bugs.
        self.owner.log.debug("connection from %s ended", client_address, exc_info=True)

    def cut_connections(self) -> None:
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    self.owner.log.debug("connection was closed already")


class _ConnectionEnds(Exception):
    """The connection is to end without an answer."""


@lru_cache(maxsize=64)
def _http_date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    #: Buffered, so that headers and body leave in one packet.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def version_string(self) -> str:
        return self.server.owner.server_name

    def date_time_string(self, timestamp: float | None = None) -> str:
        return _http_date(int(self.server.owner.clock() if timestamp is None else timestamp))

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (_ConnectionEnds, ConnectionError, TimeoutError):
            self.close_connection = True

    def _serve(self) -> None:
        owner = self.server.owner
        headers = dict(self.headers.items())
        client = (str(self.client_address[0]), int(self.client_address[1]))
        exchange = Exchange(self.command, self.path, headers, self._body(), client, self._read_to_end, owner.clock())
        faults = owner.faults()
        if faults is not None and exchange.path.startswith(CONTROL_PATH):
            status, answer = faults.serve(exchange.method, exchange.path, exchange.body)
            self._send(Reply(status, json.dumps(answer).encode(), [("Content-Type", "application/json")]))
            return
        owner.receive(exchange)
        fault = owner.fault_of(exchange)
        if fault is None and owner.upgrade is not None and exchange.header("Upgrade").lower() == "websocket":
            self.close_connection = True
            owner.upgrade(exchange, self.rfile, self.connection)
        elif fault is None:
            self._answer(exchange, owner.answer(exchange))
        else:
            exchange.fault = fault.kind
            self._misbehave(fault, exchange)

    do_GET = do_POST = do_DELETE = do_PUT = do_HEAD = do_OPTIONS = do_PATCH = _serve

    # --- reading ----------------------------------------------------------------------------------------------------

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunked()
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= _MAX_BODY:
            raise _ConnectionEnds
        body = self.rfile.read(length)
        if len(body) < length:
            raise _ConnectionEnds
        return body

    def _chunked(self) -> bytes:
        parts = []
        while size := int(self.rfile.readline().split(b";")[0] or b"0", 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            continue
        return b"".join(parts)

    def _read_to_end(self) -> bytes:
        self.close_connection = True
        return self.rfile.read() if "Content-Length" not in self.headers else b""

    # --- answering --------------------------------------------------------------------------------------------------

    def _answer(self, exchange: Exchange, reply: Reply) -> None:
        exchange.status = reply.status
        self._send(reply)

    def _send(self, reply: Reply) -> None:
        known = reply.status in _STATUSES
        phrase = HTTPStatus(reply.status).phrase if known else "Unknown"
        if any(name.lower() == "date" for name, _ in reply.headers):
            # One that was passed on from another server, whose name and clock it shows.
            self.send_response_only(reply.status, phrase)
        else:
            self.send_response(reply.status, phrase)
        for name, value in reply.headers:
            if name.lower() not in _FRAMING:
                self.send_header(name, value)
        if reply.status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(reply.body)))
        # splunklib closes the socket before it reads the body when this header is absent.
        self.send_header("Connection", "Close" if self.close_connection else "Keep-Alive")
        self.end_headers()
        if self.command != "HEAD" and reply.status != HTTPStatus.NO_CONTENT:
            self.wfile.write(reply.body)
        self.wfile.flush()

    def _misbehave(self, fault: Fault, exchange: Exchange) -> None:
        owner = self.server.owner
        reply = owner.answer(exchange) if fault.effect_first else None
        if fault.answers:
            self._answer(exchange, owner.fault_reply(exchange, fault))
            return
        if fault.seconds:
            owner.stopping.wait(fault.seconds)
        if fault.kind == "latency" and reply is not None:
            self._answer(exchange, reply)
            return
        if fault.kind in ("reset", "reset_after"):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            # Past the files that socketserver holds on the socket, or a FIN would go out before the RST.
            os.close(self.connection.detach())
        raise _ConnectionEnds

    def log_message(self, format: str, *args: Any) -> None:
        self.server.owner.log.debug(format, *args)
