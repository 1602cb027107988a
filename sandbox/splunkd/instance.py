"""What one splunkd is made of, below its HTTP face: its home, its stores, and what the endpoints ask of them."""

from __future__ import annotations

import hashlib
import logging
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from spl import Results

from .access import SYSTEM_USER, Access, Identity
from .appcommands import AppCommands, CommandHost, SendAlert, Surroundings
from .apps import Apps
from .bulletin import RESTART_REQUIRED, Bulletin
from .confs import Confs
from .es import EnterpriseSecurity, write_apps
from .handlers import HandlerHost
from .hec_acks import Acks
from .index import EventIndex, VisibleEvents
from .ingest import Ingest
from .jobs import Bound, Job, Jobs, qualified
from .knowledge import AppKnowledge, Locations
from .kvstore import KvStore
from .passwords import Vault
from .render import BUILD, VERSION
from .restcommand import Fetch, Server
from .store import Store
from .tls import configured as configured_tls

#: Splunk's default of ``max_content_length``.
HEC_LONGEST = 838_860_800
_FOLDERS = (
    "etc/apps",
    "etc/system/local",
    "var/log/splunk",
    "var/spool/splunk",
    "var/run/splunk/dispatch",
    "var/lib/splunk",
)
_BUILT_IN_APPS = ("launcher", "search")


class Instance:
    """Everything under ``home`` (a ``$SPLUNK_HOME``, made when missing), and the rights of whoever asks.

    ``handlers`` runs the apps' own REST handlers; ``trigger_actions`` is called with (saved search, app, owner,
    finished job) for ``dispatch`` with ``trigger_actions``. ``port`` is 0 until something listens.
    """

    def __init__(
        self,
        home: Path,
        tls: bool = False,
        *,
        admin: tuple[str, str] = ("admin", "changeme1"),
        handlers: HandlerHost | None = None,
    ) -> None:
        self.home = Path(home).resolve()
        self.admin = admin
        self.handlers = handlers
        #: Runs the search commands of installed apps; without it searches cannot use them.
        self.commands: CommandHost | None = None
        #: Runs alert actions for the search command ``sendalert``.
        self.send_alert: SendAlert | None = None
        #: Asks an endpoint in this process, for the search command ``rest``.
        self.fetch: Fetch | None = None
        #: What ``install_enterprise_security`` has put there; other search heads have none.
        self.enterprise_security: EnterpriseSecurity | None = None
        self.trigger_actions: Callable[[str, str, str, Job], None] | None = None
        #: Called by ``restart()``: what was started as a process ends, and starts anew where it runs by itself.
        self.on_restart: list[Callable[[], None]] = []
        self.name = "sandbox"
        #: ``cloud`` where it is to pass for Splunk Cloud; other installations have none. Source: solnlib, server_info.
        self.instance_type = ""
        #: GUID -> label of the members of a search head cluster, as ``shcluster/member/members`` lists them.
        self.members: dict[str, str] = {}
        self.port = 0
        self.started = 0.0
        self._system_token = ""
        self._system_lock = threading.Lock()
        self._restarting = threading.Lock()
        self._make_home()
        self.guid = _guid(self.home / "etc" / "instance.cfg")
        self.log = _logger(self.home)
        self.store = Store(self.home / "var" / "lib" / "splunk" / "splunkd.sqlite")
        self.confs = Confs(self.home)
        self.access = Access(self.store, self.confs)
        self.access.add_user(admin[0], admin[1], ["admin"])
        self.vault = Vault(self.home, self.store)
        self.kv = KvStore(self.store)
        self.bulletin = Bulletin(self.store)
        self.apps = Apps(self.confs)
        self.index = EventIndex(self.store)
        #: Indexer acknowledgement of HEC.
        self.acks = Acks()
        #: ``max_content_length`` of limits.conf, bytes of a request to HEC.
        self.hec_longest = HEC_LONGEST
        self.on_restart.append(self.acks.forget)
        self.ingest = Ingest(self.confs, self.index, self.log, self.name)
        self.locations = Locations(self.home)
        self.jobs = Jobs(self.store, self.home / "var/run/splunk/dispatch", self._sources, self.log)
        self.tls = configured_tls(self.home, self.confs) if tls else None

    @property
    def uri(self) -> str:
        """``server_uri`` of this instance."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

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

    def restart(self) -> None:
        """Read all configuration again and end what was started as a process; state and sessions stay.

        The port stays open all the while, other than splunkd's. That changes waited for this is no longer said when
        it is over.
        """
        with self._restarting:
            for end in self.on_restart:
                end()
            self.confs.files.forget()
            self.started = time.time()
            self.bulletin.remove(RESTART_REQUIRED)
            self.log.info("restarted")

    def conf(self, file: str, app: str | None = None) -> dict[str, dict[str, str]]:
        """Merged stanzas as the app sees them; ``None`` is the global context (index time, scheduler)."""
        return {name: stanza.values for name, stanza in self.confs.merged(file, app).items()}

    def install_app(self, source: Path, update: bool = True) -> str:
        """Install a tarball or a folder; give back the app's name. Raises ApiError as the endpoint does."""
        return self.apps.install(Path(source), update)

    def install_enterprise_security(self, version: str) -> EnterpriseSecurity:
        """Of this version, as ``7.3.2`` or ``8.1.0``; as far as ``es.py`` has it."""
        write_apps(self.home / "etc" / "apps", version)
        self.confs.files.forget()
        self.enterprise_security = EnterpriseSecurity(version, self.kv, self.add_event)
        return self.enterprise_security

    def add_event(self, raw: str | Mapping[str, Any], **where: Any) -> None:
        """Index one event: ``index sourcetype source host``, ``time indextime`` (epoch; default from the event, now).

        Raises LookupError when the index does not exist.
        """
        self.add_events([raw], **where)

    def add_events(self, raws: Iterable[str | Mapping[str, Any]], **where: Any) -> int:
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
        now: float | None = None,
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
        now: float | None = None,
        scheduled: bool = False,
    ) -> Job:
        """The job of a saved search's stanza, not yet run: ``jobs.run(job, identity)`` does."""
        digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:16]
        sid = f"{identity.user}__{app}__RMD5{digest}_{self.jobs.new_sid()}"
        if scheduled:
            sid = self.jobs.new_sid(f"scheduler__{identity.user}__{app}__RMD5{digest}_at", now)
        return Job(
            sid,
            qualified(values.get("search", "")),
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

    def _sources(self, identity: Identity, app: str, job: Job | None) -> tuple[VisibleEvents, AppKnowledge]:
        allowed = self.access.roles().searchable(identity.roles) if not identity.is_system else ["*", "_*"]
        events = VisibleEvents(self.index, allowed, self.ingest.exists)
        about = Surroundings(identity.user, app)
        if job is not None:
            about = Surroundings(identity.user, app, job.sid, job.search, self.jobs.dispatch / job.sid)
        server = Server(self.name, self.uri, self.fetch) if self.fetch else None
        commands = AppCommands(self.confs, identity, about, self.commands, server, self.send_alert)
        return events, AppKnowledge(self.confs, self.kv, self.locations, identity, app, commands)

    def _make_home(self) -> None:
        for folder in _FOLDERS:
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        # The system's defaults belong to the version that runs, not to the home it finds.
        default = self.home / "etc" / "system" / "default"
        shutil.copytree(Path(__file__).parent / "system", default, dirs_exist_ok=True)
        version = self.home / "etc" / "splunk.version"
        version.write_text(f"VERSION={VERSION}\nBUILD={BUILD}\nPRODUCT=splunk\nPLATFORM=Linux-x86_64\n")
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
