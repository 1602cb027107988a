"""The stand-in itself: an instance behind HTTP, from ``start()`` to ``stop()``."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from sandbox.faults import Faults
from sandbox.loopback import Exchange, LoopbackServer, Reply

from . import render, restmap
from .access import Identity
from .endpoints import (
    apps,
    authentication,
    configs,
    control,
    data,
    enterprise_security,
    hec,
    jobs,
    kvstore,
    messages,
    parser,
    passwords,
    receivers,
    saved_searches,
    server,
    timeparser,
)
from .endpoints.custom import CustomEndpoints
from .errors import ApiError, not_authenticated
from .handlers import HandlerHost
from .instance import Instance
from .message import Request, Response, split_path
from .model import Entry, Feed
from .requestlog import Logged, RequestLog
from .router import Answer, Router

ENDPOINTS = (
    authentication,
    server,
    timeparser,
    control,
    messages,
    apps,
    configs,
    passwords,
    kvstore,
    receivers,
    hec,
    data,
    enterprise_security,
    jobs,
    parser,
    saved_searches,
)


class Splunkd(Instance):
    """splunkd over ``home`` (a ``$SPLUNK_HOME``, made when missing). The state outlives ``stop()`` and the process.

    ``admin`` is the (user, password) made with a fresh home. ``handlers`` runs the apps' own REST handlers; without it
    they answer 503. ``unknown_requests`` collects ``METHOD path`` of what nobody answers (404), each also a WARNING in
    ``var/log/splunk/splunkd.log``. ``requests`` has those that were carried out or refused, not
    those that a fault kept away.

    Several over one home are the members of a search head cluster: each has its own port, handlers, faults, clock
    (``clock_skew``: seconds that the ``Date`` of its answers is ahead) and local copy of the KV store
    (``kv.copy.lag(seconds, *collections)``: how far its reads are behind).
    """

    def __init__(
        self,
        home: Path,
        port: int = 0,
        tls: bool = False,
        *,
        admin: tuple[str, str] = ("admin", "changeme1"),
        handlers: HandlerHost | None = None,
        faults: Faults | None = None,
    ) -> None:
        super().__init__(home, tls, admin=admin, handlers=handlers)
        self.faults = faults
        self.unknown_requests: list[str] = []
        self.requests = RequestLog()
        self.clock_skew = 0.0
        self._wanted_port = port
        self.fetch = self._fetch
        self.custom = CustomEndpoints(self)
        self.router = Router()
        for endpoints in ENDPOINTS:
            endpoints.register(self.router, self)
        self._http = LoopbackServer(
            self._answer,
            self.log,
            lambda: self.faults,
            tls=self.tls.context if self.tls else None,
            server_name="Splunkd",
            clock=lambda: time.time() + self.clock_skew,
        )

    def start(self) -> Splunkd:
        self.started = time.time()
        self._wanted_port = self.port = self._http.start(self._wanted_port)
        # Apps that are not told the address ask for it here (solnlib's get_splunkd_access_info).
        self.confs.of_instance = {
            "web": {"settings": {"mgmtHostPort": f"127.0.0.1:{self.port}"}},
            "server": {"sslConfig": {"enableSplunkdSSL": "true" if self.tls else "false"}},
        }
        return self

    def stop(self) -> None:
        self._http.stop()
        self.store.close()
        for handler in list(self.log.handlers):
            handler.close()

    def __enter__(self) -> Splunkd:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _answer(self, exchange: Exchange) -> Reply:
        parts = urlsplit(exchange.target)
        ns, segments = split_path(parts.path)
        headers = {name.lower(): value for name, value in exchange.headers.items()}
        request = Request(
            exchange.method,
            parts.path,
            segments or [],
            ns,
            parse_qsl(parts.query, keep_blank_values=True),
            headers,
            exchange.body,
            self._identify(headers),
            self.uri,
            exchange.client[0],
            read_stream=exchange.read_rest,
        )
        user = request.user.user if request.user else ""
        self.requests.add(Logged(exchange.method, parts.path, user, headers.get("user-agent", "")))
        try:
            response = self._dispatch(request, segments is not None)
        except ApiError as problem:
            response = render.error(request.output_mode, problem)
        except Exception:
            self.log.exception("%s %s failed inside the stand-in", exchange.method, exchange.target)
            response = render.error(request.output_mode, ApiError(500, "Error inside the sandbox: see splunkd.log"))
        self.log.info(
            "%s - %s %s %s %d", exchange.client[0], user or "-", exchange.method, exchange.target, response.status
        )
        return Reply(
            response.status, response.payload, [("Content-Type", response.content_type), *response.headers.items()]
        )

    def _dispatch(self, request: Request, known_root: bool) -> Response:
        answer = self._perform(request, known_root)
        return render.feed(request, answer) if isinstance(answer, Feed) else answer

    def _perform(self, request: Request, known_root: bool) -> Answer:
        handler, public = self._find(request, known_root)
        if not public and request.user is None:
            raise not_authenticated()
        if request.ns and request.ns[1] not in ("-", "system") and not self.apps.installed(request.ns[1]):
            raise ApiError(404, f"Application does not exist: {request.ns[1]}")
        if request.ns and request.ns[0] not in ("-", "nobody") and self.access.identity(request.ns[0]) is None:
            raise ApiError(404, f"User does not exist: {request.ns[0]}")
        return handler()

    def _fetch(self, identity: Identity, path: str, query: Sequence[tuple[str, str]]) -> Sequence[tuple[str, Entry]]:
        """What a GET of the path lists for a user, each entry with its address. Raises ApiError."""
        if not identity.token:
            # An app's own handler needs a session to work with.
            token = self.system_token if identity.is_system else self.session_key(identity.user)
            identity = self.access.identify(token) or identity
        ns, segments = split_path(path)
        request = Request("GET", path, segments or [], ns, list(query), {}, b"", identity, self.uri)
        answer = self._perform(request, segments is not None)
        if not isinstance(answer, Feed):
            raise ApiError(501, "The sandbox shows only endpoints that list entries")
        return [(render.entry_path(answer, entry), entry) for entry in render.shown(request, answer)[0]]

    def _find(self, request: Request, known_root: bool) -> tuple[Callable[[], Answer], bool]:
        """What answers the request, and whether it does so without a session. Raises 404 or 405."""
        try:
            if not known_root:
                raise ApiError(404, "Not Found")
            route, values = self.router.find(request)
        except ApiError as problem:
            endpoint = restmap.find(self.confs, request.segments)
            if endpoint is not None:
                # A custom endpoint's own stanza decides whether it needs a session.
                return lambda: self.custom.answer(request, endpoint), True
            names = self.router.below(request.segments) if known_root and request.method == "GET" else []
            if names:
                return lambda: _listing(request, names), False
            self._unknown(request, problem.status)
            raise
        return lambda: route.handler(request, **values), route.public

    def _unknown(self, request: Request, status: int) -> None:
        self.unknown_requests.append(f"{request.method} {request.path}")
        self.log.warning("UNKNOWN ENDPOINT (%d): the sandbox knows no %s %s", status, request.method, request.path)

    def _identify(self, headers: dict[str, str]) -> Identity | None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() in ("splunk", "bearer") and token:
            return self.access.identify(token.strip())
        if scheme.lower() == "basic":
            return self._basic(token)
        for cookie in headers.get("cookie", "").split(";"):
            name, _, value = cookie.strip().partition("=")
            if name == f"splunkd_{self.port}":
                return self.access.identify(value)
        return None

    def _basic(self, token: str) -> Identity | None:
        try:
            user, _, password = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        key = self.access.login(user, password)
        return self.access.identify(key) if key else None


def _listing(request: Request, names: list[str]) -> Feed:
    """What there is below ``/services`` or a path such as ``/services/server``."""
    return Feed(request.segments, [Entry(name, {}, services=request.ns is None) for name in names], whole=len(names))
