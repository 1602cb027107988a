"""The HTTP server under the stand-ins: loopback, threads, keep-alive, a request log, and faults on purpose."""

from __future__ import annotations

import io
import json
import logging
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler
from typing import Any, Optional
from urllib.parse import parse_qs, unquote_to_bytes, urlsplit

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sandbox.faults import CONTROL_PATH, Fault, Faults

_KEPT_REQUESTS = 20_000


@dataclass
class Recorded:
    """One request as it came in. ``status`` is ``None`` while it runs, and for ever where the answer was lost."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    time: float = field(default_factory=time.time)
    status: Optional[int] = None
    fault: Optional[str] = None
    #: Address and port of the client.
    client: tuple[str, int] = ("", 0)

    @property
    def json(self) -> Any:
        """The body as JSON. Raises ``ValueError`` when it is not."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Routes:
    """Collects the handlers of a stand-in: ``@routes("GET", "/path/<name>")`` over a function."""

    def __init__(self) -> None:
        self.rules: list[tuple[str, str, Callable[..., Any]]] = []

    def __call__(self, methods: str, *paths: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            for path in paths:
                self.rules.extend((method, path, function) for method in methods.split())
            return function

        return register


def json_response(body: Any, status: int = 200, headers: Optional[Mapping[str, str]] = None) -> Response:
    """``body`` as a JSON answer; ``None`` gives an empty one."""
    text = "" if body is None else json.dumps(body, ensure_ascii=False)
    response = Response(text, status=status, content_type="application/json;charset=UTF-8")
    response.headers.extend(dict(headers or {}))
    return response


class StandIn:
    """A service on loopback. A subclass gives ``name``, ``routes()`` and ``call``; ``start()`` serves until ``stop()``.

    ``requests`` logs every request in order, ``unknown_requests`` those that no handler knows (each is also a WARNING),
    ``faults`` makes it misbehave. Requests are carried out one at a time, so each is atomic; waiting (latency,
    timeouts) happens outside that lock.
    """

    name = "standin"

    def __init__(self, port: int = 0) -> None:
        self.faults = Faults()
        self.requests: list[Recorded] = []
        self.unknown_requests: list[Recorded] = []
        self.log = logging.getLogger(f"sandbox.{self.name}")
        self.stopping = threading.Event()
        self.effects = threading.RLock()
        self._wanted_port = port
        self._server: Optional[_Server] = None
        self._thread: Optional[threading.Thread] = None
        self._map = Map()
        self._functions: list[Callable[..., Any]] = []

    # --- for subclasses -----------------------------------------------------------------------------------------

    def routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        raise NotImplementedError

    def call(self, function: Callable[..., Any], request: Request, arguments: dict[str, Any]) -> Response:
        """Carry out one request that a route matched."""
        raise NotImplementedError

    def unknown(self, request: Request, status: int) -> Response:
        """The answer to a request that no route knows."""
        return json_response({"error": f"the sandbox knows no {request.method} {request.path}"}, status)

    def fault_response(self, path: str, fault: Fault) -> Response:
        """The answer of a fault that answers; a service with a form of its own overrides it."""
        return Response(fault.body, status=fault.status, headers=dict(fault.headers))

    # --- life ---------------------------------------------------------------------------------------------------

    def start(self) -> Any:
        """Serve from a thread of its own; give back the stand-in. A second start keeps the port of the first."""
        if self._server is not None:
            return self
        self.stopping.clear()
        rules = self.routes()
        self._functions = [function for _, _, function in rules]
        self._map = _compiled(tuple((method, path) for method, path, _ in rules))
        self._server = _Server(("127.0.0.1", self._wanted_port), self)
        self._wanted_port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name=f"sandbox-{self.name}", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and cut every open connection, as a killed server would."""
        if self._server is None:
            return
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.cut_connections()
        if self._thread is not None:
            self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> Any:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        if not self._wanted_port:
            raise RuntimeError(f"the {self.name} stand-in has no port before start()")
        return self._wanted_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # --- one request --------------------------------------------------------------------------------------------

    def record(self, entry: Recorded) -> None:
        self.requests.append(entry)
        del self.requests[:-_KEPT_REQUESTS]

    def fault_of(self, entry: Recorded) -> Optional[Fault]:
        """The fault that a request meets, if any."""
        return self.faults.take(entry.method, entry.path)

    def note_unknown(self, entry: Recorded, why: str) -> None:
        """Say loudly that a client asked for something the stand-in does not have."""
        self.unknown_requests.append(entry)
        self.log.warning("UNKNOWN REQUEST %s %s: %s", entry.method, entry.path, why)

    def respond(self, environ: dict[str, Any], entry: Recorded) -> Response:
        """Route one request and carry it out."""
        request = Request(environ)
        environ["sandbox.entry"] = entry
        try:
            index, arguments = self._map.bind_to_environ(environ).match()
        except MethodNotAllowed:
            self.note_unknown(entry, "no such method on this path")
            return self.unknown(request, 405)
        except NotFound:
            self.note_unknown(entry, "no such path")
            return self.unknown(request, 404)
        except HTTPException as error:
            return Response(str(error), status=error.code or 500)
        with self.effects:
            return self.call(self._functions[index], request, dict(arguments))


@lru_cache(maxsize=8)
def _compiled(rules: tuple[tuple[str, str], ...]) -> Map:
    """The routes' map, whose endpoints are their positions. Compiling takes longer than starting the server."""
    return Map(
        [Rule(path, methods=[method], endpoint=index) for index, (method, path) in enumerate(rules)],
        strict_slashes=False,
        merge_slashes=False,
        redirect_defaults=False,
    )


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], standin: StandIn) -> None:
        self.standin = standin
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def close_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().close_request(request)

    def cut_connections(self) -> None:
        with self._open_lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError as error:
                    self.standin.log.debug("connection was gone already: %s", error)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that went away is its own business; everything else is a bug of the stand-in.
        self.standin.log.debug("connection of %s ended", client_address, exc_info=True)


def reset_connection(connection: socket.socket) -> None:
    """Close with RST instead of FIN, so that the peer sees a connection reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def handle_any(self) -> None:
        standin = self.server.standin
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        if parts.path.startswith(CONTROL_PATH):
            status, answer = standin.faults.serve(self.command, parts.path, body)
            self._send(json_response(answer, status))
            return
        entry = Recorded(
            self.command,
            parts.path,
            parse_qs(parts.query, keep_blank_values=True),
            dict(self.headers.items()),
            body,
            client=self.client_address[:2],
        )
        standin.record(entry)
        fault = standin.fault_of(entry)
        if fault is None:
            self._answer(entry, parts.query)
        else:
            entry.fault = fault.kind
            self._misbehave(fault, entry, parts.query)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = handle_any

    def _misbehave(self, fault: Fault, entry: Recorded, query: str) -> None:
        if fault.answers:
            if fault.effect_first:
                self._carry_out(entry, query)
            entry.status = fault.status
            self._send(self.server.standin.fault_response(entry.path, fault))
            return
        if fault.kind == "latency":
            self.server.standin.stopping.wait(fault.seconds)
            self._answer(entry, query)
            return
        if fault.effect_first:
            self._carry_out(entry, query)
        if fault.seconds:
            self.server.standin.stopping.wait(fault.seconds)
        self.close_connection = True
        if fault.kind in ("reset", "reset_after"):
            # socketserver's own close would come too late: the linger option works on the last open descriptor.
            self.rfile.close()
            self.wfile.close()
            reset_connection(self.connection)

    def _carry_out(self, entry: Recorded, query: str) -> Response:
        try:
            return self.server.standin.respond(self._environ(entry, query), entry)
        except Exception:
            self.server.standin.log.exception("the stand-in failed on %s %s", entry.method, entry.path)
            return Response("the stand-in failed; see its log", status=500)

    def _answer(self, entry: Recorded, query: str) -> None:
        response = self._carry_out(entry, query)
        entry.status = response.status_code
        self._send(response)

    def _send(self, response: Response) -> None:
        content = response.get_data()
        if "Date" in response.headers:
            # One that was passed on from another server, whose clock it shows.
            self.send_response_only(response.status_code)
        else:
            self.send_response(response.status_code)
        for name, value in response.headers.items():
            if name.lower() not in ("content-length", "connection"):
                self.send_header(name, value)
        if response.status_code != 204:
            self.send_header("Content-Length", str(len(content)))
        buffer: list[bytes] = getattr(self, "_headers_buffer", [])
        buffer.append(b"\r\n" + (b"" if self.command == "HEAD" or response.status_code == 204 else content))
        self.flush_headers()

    def _environ(self, entry: Recorded, query: str) -> dict[str, Any]:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": entry.method,
            "SCRIPT_NAME": "",
            "QUERY_STRING": query,
            "PATH_INFO": unquote_to_bytes(entry.path).decode("latin-1"),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self.server.standin.port),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(entry.body),
            "CONTENT_LENGTH": str(len(entry.body)),
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "REMOTE_ADDR": self.client_address[0],
        }
        for name, value in self.headers.items():
            environ.setdefault("HTTP_" + name.upper().replace("-", "_"), value)
        return environ

    def log_message(self, format: str, *args: Any) -> None:
        self.server.standin.log.debug(format, *args)
