"""What the stand-ins of web services share: routes, a log of requests, and one effect at a time."""

from __future__ import annotations

import io
import json
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from functools import lru_cache
from io import BufferedIOBase
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sandbox.faults import Fault, Faults
from sandbox.loopback import Exchange, LoopbackServer, Reply, plain_fault_reply

_KEPT_REQUESTS = 20_000


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


def json_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """``body`` as a JSON answer; ``None`` gives an empty one."""
    text = "" if body is None else json.dumps(body, ensure_ascii=False)
    response = Response(text, status=status, content_type="application/json;charset=UTF-8")
    response.headers.extend(dict(headers or {}))
    return response


def reply_of(response: Response) -> Reply:
    return Reply(response.status_code, response.get_data(), tuple(response.headers.items()))


class StandIn:
    """A service on loopback. A subclass gives ``name``, ``routes()`` and ``call``; ``start()`` serves until ``stop()``.

    ``requests`` logs every request in order, ``unknown_requests`` those that no handler knows (each is also a WARNING),
    ``faults`` makes it misbehave; ``tls`` lets it serve HTTPS. Requests are carried out one at a time, so each is
    atomic; waiting (latency, timeouts) happens outside that lock.
    """

    name = "standin"
    #: What takes over connections that become WebSockets; None where the service has none.
    upgrade: Callable[[Exchange, BufferedIOBase, socket.socket], None] | None = None

    def __init__(self, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.faults = Faults()
        self.requests: list[Exchange] = []
        self.unknown_requests: list[Exchange] = []
        self.log = logging.getLogger(f"sandbox.{self.name}")
        self.effects = threading.RLock()
        self._wanted_port = port
        self._scheme = "https" if tls else "http"
        self._server = LoopbackServer(
            self.answer,
            self.log,
            lambda: self.faults,
            fault_of=self.fault_of,
            fault_reply=self.fault_reply,
            receive=self.record,
            upgrade=self.upgrade,
            tls=tls,
            server_name=self.name,
        )
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

    def fault_reply(self, exchange: Exchange, fault: Fault) -> Reply:
        """The answer of a fault that answers; a service with a form of its own overrides it."""
        return plain_fault_reply(exchange, fault)

    # --- life ---------------------------------------------------------------------------------------------------

    def start(self) -> Any:
        """Serve from a thread of its own; give back the stand-in. A second start keeps the port of the first."""
        if self._server.running:
            return self
        rules = self.routes()
        self._functions = [function for _, _, function in rules]
        self._map = _compiled(tuple((method, path) for method, path, _ in rules))
        self._wanted_port = self._server.start(self._wanted_port)
        return self

    def stop(self) -> None:
        """Stop serving and cut every open connection, as a killed server would."""
        self._server.stop()

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
        return f"{self._scheme}://127.0.0.1:{self.port}"

    # --- one request --------------------------------------------------------------------------------------------

    def record(self, exchange: Exchange) -> None:
        self.requests.append(exchange)
        del self.requests[:-_KEPT_REQUESTS]

    def fault_of(self, exchange: Exchange) -> Fault | None:
        """The fault that a request meets, if any."""
        return self.faults.take(exchange.method, exchange.path)

    def record_unknown(self, request: Request, why: str) -> None:
        """Record a request for something, or in a form, that the stand-in does not know; also a WARNING."""
        exchange: Exchange = request.environ["sandbox.exchange"]
        self.unknown_requests.append(exchange)
        self.log.warning("UNKNOWN REQUEST %s %s: %s", exchange.method, exchange.path, why)

    def answer(self, exchange: Exchange) -> Reply:
        """Carry one request out."""
        try:
            response = self._respond(Request(self._environ(exchange)))
        except Exception:
            self.log.exception("the stand-in failed on %s %s", exchange.method, exchange.path)
            response = Response("the stand-in failed; see its log", status=500)
        return reply_of(response)

    def _respond(self, request: Request) -> Response:
        try:
            index, arguments = self._map.bind_to_environ(request.environ).match()
        except MethodNotAllowed:
            self.record_unknown(request, "no such method on this path")
            return self.unknown(request, 405)
        except NotFound:
            self.record_unknown(request, "no such path")
            return self.unknown(request, 404)
        except HTTPException as error:
            return Response(str(error), status=error.code or 500)
        with self.effects:
            return self.call(self._functions[index], request, dict(arguments))

    def _environ(self, exchange: Exchange) -> dict[str, Any]:
        parts = urlsplit(exchange.target)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": exchange.method,
            "SCRIPT_NAME": "",
            "QUERY_STRING": parts.query,
            "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self.port),
            "wsgi.url_scheme": self._scheme,
            "wsgi.input": io.BytesIO(exchange.body),
            "CONTENT_LENGTH": str(len(exchange.body)),
            "CONTENT_TYPE": exchange.header("Content-Type"),
            "REMOTE_ADDR": exchange.client[0],
            "sandbox.exchange": exchange,
        }
        for name, value in exchange.headers.items():
            environ.setdefault("HTTP_" + name.upper().replace("-", "_"), value)
        return environ


@lru_cache(maxsize=8)
def _compiled(rules: tuple[tuple[str, str], ...]) -> Map:
    """The routes' map, whose endpoints are their positions. Compiling takes longer than starting the server."""
    return Map(
        [Rule(path, methods=[method], endpoint=index) for index, (method, path) in enumerate(rules)],
        strict_slashes=False,
        merge_slashes=False,
        redirect_defaults=False,
    )
