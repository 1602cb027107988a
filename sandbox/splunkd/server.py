"""The stand-in itself: its parts, its life, and the door for the runner and the tests."""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Optional, Union
from urllib.parse import parse_qsl, urlsplit

from sandbox.faults import Faults
from spl import Results

from . import (
    app_endpoints,
    auth_endpoints,
    conf_endpoints,
    data_endpoints,
    hec,
    job_endpoints,
    kv_endpoints,
    passwords,
    receivers,
    render,
    saved_endpoints,
    server_endpoints,
)
from .access import SYSTEM_USER, Access, Identity
from .apps import Apps
from .confs import Confs
from .custom import CustomEndpoints
from .errors import ApiError, not_authenticated
from .handlers import HandlerHost
from .http import HttpServer
from .index import EventIndex, VisibleEvents
from .ingest import Ingest
from .jobs import Bound, Job, Jobs
from .knowledge import AppKnowledge, Locations
from .kvstore import KvStore
from .message import Request, Response, split_path
from .model import Feed
from .passwords import Vault
from .router import Answer, Router
from .store import Store
from .tls import make as make_tls

_FOLDERS = (
    "etc/apps",
    "etc/system/local",
    "var/log/splunk",
    "var/spool/splunk",
    "var/run/splunk/dispatch",
    "var/lib/splunk",
)
_BUILT_IN_APPS = ("launcher", "search")


class Splunkd:
    """splunkd over ``home`` (a ``$SPLUNK_HOME``, made when missing). The state outlives ``stop()`` and the process.

    ``admin`` is the (user, password) made with a fresh home. ``handlers`` runs the apps' own REST handlers; without it
    they answer 503. ``unknown_requests`` collects ``METHOD path`` of what nobody answers (404), each also a WARNING in
    ``var/log/splunk/splunkd.log``.

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
        handlers: Optional[HandlerHost] = None,
        faults: Optional[Faults] = None,
    ) -> None:
        self.home = Path(home).resolve()
        self.admin = admin
        self.handlers = handlers
        self.faults = faults
        self.unknown_requests: list[str] = []
        self.started = 0.0
        self.name = "sandbox"
        self.clock_skew = 0.0
        #: Called with (saved search, app, owner, finished job) for ``dispatch`` with ``trigger_actions``.
        self.trigger_actions: Optional[Callable[[str, str, str, Job], None]] = None
        self._system_token = ""
        self._system_lock = threading.Lock()
        self._wanted_port = port
        self._make_home()
        self.guid = _guid(self.home / "etc" / "instance.cfg")
        self.log = _logger(self.home)
        self.store = Store(self.home / "var" / "lib" / "splunk" / "splunkd.sqlite")
        self.confs = Confs(self.home)
        self.access = Access(self.store, self.confs)
        self.access.add_user(admin[0], admin[1], ["admin"])
        self.vault = Vault(self.home, self.store)
        self.kv = KvStore(self.store)
        self.apps = Apps(self.confs)
        self.index = EventIndex(self.store)
        self.ingest = Ingest(self.confs, self.index, self.log, self.name)
        self.locations = Locations(self.home)
        self.jobs = Jobs(self.store, self.home / "var/run/splunk/dispatch", self._sources, self.log)
        self.custom = CustomEndpoints(self)
        self.router = Router()
        self._register()
        self.tls = make_tls(self.home / "etc" / "auth") if tls else None
        self._http = HttpServer(
            self._answer,
            self.log,
            lambda: self.faults,
            self.tls.context if self.tls else None,
            lambda: time.time() + self.clock_skew,
        )

    # --- life -----------------------------------------------------------------------------------------------------

    def start(self) -> Splunkd:
        self.started = time.time()
        self._http.start(self._wanted_port)
        self._wanted_port = self.port
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

    @property
    def port(self) -> int:
        return self._http.port

    @property
    def scheme(self) -> str:
        return "https" if self.tls else "http"

    @property
    def uri(self) -> str:
        """``server_uri`` of this instance."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    # --- for the runner and the tests -----------------------------------------------------------------------------

    def session_key(self, user: str) -> str:
        """A new session of a user, without a password. Raises KeyError for an unknown one."""
        if self.access.identity(user) is None:
            raise KeyError(f"splunkd has no user {user}")
        return self.access.open_session(user)

    @property
    def system_token(self) -> str:
        """A session of ``splunk-system-user``, who may do everything."""
        with self._system_lock:
            if not self._system_token or self.access.identify(self._system_token) is None:
                self._system_token = self.access.open_session(SYSTEM_USER)
            return self._system_token

    def conf(self, file: str, app: Optional[str] = None) -> dict[str, dict[str, str]]:
        """Merged stanzas as the app sees them; ``None`` is the global context (index time, scheduler)."""
        return {name: stanza.values for name, stanza in self.confs.merged(file, app).items()}

    def install_app(self, source: Path, update: bool = True) -> str:
        """Install a tarball or a folder; give back the app's name. Raises ApiError as the endpoint does."""
        return self.apps.install(Path(source), update)

    def add_event(self, raw: Union[str, Mapping[str, Any]], **where: Any) -> None:
        """Index one event: ``index sourcetype source host``, ``time indextime`` (epoch; default from the event, now).

        Raises LookupError when the index does not exist.
        """
        self.add_events([raw], **where)

    def add_events(self, raws: Iterable[Union[str, Mapping[str, Any]]], **where: Any) -> int:
        """Index many events of one kind in one transaction; give back how many."""
        return self.ingest.write(self.ingest.events(raws, **where))

    def search(
        self,
        spl: str,
        earliest: Bound = None,
        latest: Bound = None,
        owner: str = SYSTEM_USER,
        app: str = "search",
        *,
        now: Optional[float] = None,
        index_earliest: Bound = None,
        index_latest: Bound = None,
    ) -> Results:
        """Run a search with the rights of ``owner``, seen from ``app``. Raises ``spl.SplError``."""
        job = Job("", spl, owner, app, time.time(), earliest, latest, index_earliest, index_latest, now)
        return self.jobs.evaluate(job, self.user(owner))

    def user(self, name: str) -> Identity:
        """The rights of a user as they are now; ``nobody`` is the system. Raises KeyError for an unknown one."""
        identity = self.access.identity(SYSTEM_USER if name == "nobody" else name)
        if identity is None:
            raise KeyError(f"splunkd has no user {name}")
        return identity

    def saved_job(
        self,
        name: str,
        app: str,
        values: Mapping[str, str],
        identity: Identity,
        now: Optional[float] = None,
        scheduled: bool = False,
    ) -> Job:
        """The job of a saved search's stanza, not yet run: ``jobs.run(job, identity)`` does."""
        digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:16]
        kind = f"scheduler__{identity.user}__{app}__RMD5{digest}_at" if scheduled else ""
        sid = self.jobs.new_sid(kind) if scheduled else f"{identity.user}__{app}__RMD5{digest}_{self.jobs.new_sid()}"
        return Job(
            sid,
            saved_endpoints.qualified(values.get("search", "")),
            identity.user,
            app,
            time.time(),
            values.get("dispatch.earliest_time") or None,
            values.get("dispatch.latest_time") or None,
            values.get("dispatch.index_earliest") or None,
            values.get("dispatch.index_latest") or None,
            now,
            name,
            max_count=int(values.get("dispatch.max_count") or 500_000),
            scheduled=scheduled,
        )

    def _sources(self, identity: Identity, app: str) -> tuple[VisibleEvents, AppKnowledge]:
        allowed = self.access.roles().searchable(identity.roles) if not identity.is_system else ["*", "_*"]
        events = VisibleEvents(self.index, allowed, self.ingest.exists)
        return events, AppKnowledge(self.confs, self.kv, self.locations, identity, app)

    # --- answering --------------------------------------------------------------------------------------------------

    def _register(self) -> None:
        for module in (
            auth_endpoints,
            server_endpoints,
            app_endpoints,
            conf_endpoints,
            passwords,
            kv_endpoints,
            receivers,
            hec,
            data_endpoints,
            job_endpoints,
            saved_endpoints,
        ):
            module.register(self.router, self)

    def _answer(
        self,
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes,
        read_stream: Optional[Callable[[], bytes]],
        client: str,
    ) -> Response:
        parts = urlsplit(target)
        ns, segments = split_path(parts.path)
        query = parse_qsl(parts.query, keep_blank_values=True)
        request = Request(
            method,
            parts.path,
            segments or [],
            ns,
            query,
            headers,
            body,
            self._identify(headers),
            self.uri,
            client,
            read_stream=read_stream,
        )
        try:
            response = self._dispatch(request, segments is not None)
        except ApiError as problem:
            response = render.error(request.output_mode, problem)
        except Exception:
            self.log.exception("%s %s failed inside the stand-in", method, target)
            response = render.error(request.output_mode, ApiError(500, "Error inside the sandbox: see splunkd.log"))
        self.log.info(
            "%s - %s %s %s %d", client, request.user.user if request.user else "-", method, target, response.status
        )
        return response

    def _dispatch(self, request: Request, known_root: bool) -> Response:
        handler, public = self._find(request, known_root)
        if not public and request.user is None:
            raise not_authenticated()
        if request.ns and request.ns[1] not in ("-", "system") and not self.apps.installed(request.ns[1]):
            raise ApiError(404, f"Application does not exist: {request.ns[1]}")
        if request.ns and request.ns[0] not in ("-", "nobody") and self.access.identity(request.ns[0]) is None:
            raise ApiError(404, f"User does not exist: {request.ns[0]}")
        answer = handler()
        return render.feed(request, answer) if isinstance(answer, Feed) else answer

    def _find(self, request: Request, known_root: bool) -> tuple[Callable[[], Answer], bool]:
        """What answers the request, and whether it does so without a session. Raises 404 or 405."""
        try:
            if not known_root:
                raise ApiError(404, "Not Found")
            route, values = self.router.find(request)
        except ApiError as problem:
            endpoint = self.custom.find(request.segments)
            if endpoint is not None:
                # A custom endpoint says itself whether it needs a session.
                return lambda: self.custom.answer(request, endpoint), True
            self._unknown(request, problem.status)
            raise
        return lambda: route.handler(request, **values), route.public

    def _unknown(self, request: Request, status: int) -> None:
        self.unknown_requests.append(f"{request.method} {request.path}")
        self.log.warning("UNKNOWN ENDPOINT (%d): the sandbox knows no %s %s", status, request.method, request.path)

    def _identify(self, headers: dict[str, str]) -> Optional[Identity]:
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

    def _basic(self, token: str) -> Optional[Identity]:
        try:
            user, _, password = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        key = self.access.login(user, password)
        return self.access.identify(key) if key else None

    # --- a fresh home -------------------------------------------------------------------------------------------------

    def _make_home(self) -> None:
        for folder in _FOLDERS:
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        # The system's defaults belong to the version that runs, not to the home it finds.
        default = self.home / "etc" / "system" / "default"
        shutil.copytree(Path(__file__).parent / "system", default, dirs_exist_ok=True)
        for app in _BUILT_IN_APPS:
            default = self.home / "etc" / "apps" / app / "default"
            default.mkdir(parents=True, exist_ok=True)
            if not (default / "app.conf").exists():
                (default / "app.conf").write_text(f"[ui]\nis_visible = 1\nlabel = {app.title()}\n", encoding="utf-8")


def _guid(path: Path) -> str:
    if not path.exists():
        path.write_text(f"[general]\nguid = {str(uuid.uuid4()).upper()}\n", encoding="utf-8")
    return path.read_text(encoding="utf-8").rpartition("=")[2].strip()


def _logger(home: Path) -> logging.Logger:
    log = logging.getLogger(f"sandbox.splunkd.{home}")
    log.setLevel(logging.INFO)
    if not log.handlers:
        handler = logging.FileHandler(home / "var" / "log" / "splunk" / "splunkd.log", encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(handler)
    return log
