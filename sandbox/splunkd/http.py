"""HTTP on loopback: threads, keep-alive, headers and body in one packet, faults on purpose."""

from __future__ import annotations

import logging
import os
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Optional
from urllib.parse import urlsplit

from sandbox.faults import CONTROL_PATH, Fault, Faults

from .message import Response, json_response

#: What answers a request: method, target, headers (lower-case names), body, reader of a streamed body.
Application = Callable[[str, str, dict[str, str], bytes, Callable[[], bytes], str], Response]
_STATUSES = frozenset(status.value for status in HTTPStatus)
_MAX_BODY = 256 * 1024 * 1024


class HttpServer:
    """Serves one application on ``127.0.0.1`` until ``stop()``."""

    def __init__(
        self,
        application: Application,
        log: logging.Logger,
        faults: Callable[[], Optional[Faults]],
        tls: Optional[ssl.SSLContext] = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.application = application
        self.log = log
        self.faults = faults
        self.tls = tls
        self.clock = clock
        self.port = 0
        self.stopping = threading.Event()
        self._server: Optional[_Server] = None
        self._thread: Optional[threading.Thread] = None

    def start(self, port: int) -> None:
        self.stopping.clear()
        self._server = _Server(("127.0.0.1", port), self)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="sandbox-splunkd", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        if self._server is None or self._thread is None:
            return
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.cut()
        self._thread.join()
        self._server = self._thread = None


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], owner: HttpServer) -> None:
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
        self.owner.log.debug("connection from %s ended", client_address, exc_info=True)

    def cut(self) -> None:
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    self.owner.log.debug("connection was closed already")


class _Cut(Exception):
    """The connection is to end without an answer."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Splunkd"
    sys_version = ""
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (_Cut, ConnectionError, TimeoutError):
            self.close_connection = True

    def _serve(self) -> None:
        owner = self.server.owner
        body = self._body()
        path = urlsplit(self.path).path
        faults = owner.faults()
        if faults is not None and path.startswith(CONTROL_PATH):
            status, answer = faults.serve(self.command, path, body)
            self._send(json_response(answer, status))
            return
        fault = faults.take(self.command, path) if faults is not None else None
        if fault is not None and not fault.effect_first:
            self._misbehave(fault)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        response = owner.application(self.command, self.path, headers, body, self._read_to_end, self.client_address[0])
        if fault is not None:
            self._misbehave(fault, response)
        else:
            self._send(response)

    do_GET = do_POST = do_DELETE = do_PUT = do_HEAD = do_OPTIONS = do_PATCH = _serve

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunked()
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= _MAX_BODY:
            raise _Cut
        body = self.rfile.read(length)
        if len(body) < length:
            raise _Cut
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
        """The rest of the connection, for a streamed body that has no length."""
        self.close_connection = True
        return self.rfile.read() if "Content-Length" not in self.headers else b""

    def _send(self, response: Response) -> None:
        payload = response.payload
        known = response.status in _STATUSES
        self.send_response(response.status, HTTPStatus(response.status).phrase if known else "Unknown")
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(payload)))
        # splunklib closes the socket before it reads the body when this header is absent.
        self.send_header("Connection", "Close" if self.close_connection else "Keep-Alive")
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)
        self.wfile.flush()

    def date_time_string(self, timestamp: Optional[float] = None) -> str:
        return super().date_time_string(self.server.owner.clock() if timestamp is None else timestamp)

    def _misbehave(self, fault: Fault, response: Optional[Response] = None) -> None:
        if fault.kind in ("latency", "timeout", "timeout_after"):
            self.server.owner.stopping.wait(fault.seconds)
        if fault.kind == "latency" and response is not None:
            self._send(response)
            return
        if fault.answers:
            extra = dict(fault.headers)
            kind = extra.pop("Content-Type", "text/plain")
            self._send(Response(fault.status, fault.body, kind, extra))
            return
        if fault.kind.startswith("reset"):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            # Past the files that socketserver holds on the socket, or a FIN would go out before the RST.
            os.close(self.connection.detach())
        raise _Cut

    def log_message(self, format: str, *args: Any) -> None:
        self.server.owner.log.debug("%s %s", time.time(), format % args)
