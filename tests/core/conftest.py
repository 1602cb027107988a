"""The app's core in this process, on the sandbox's splunkd, with outside services that count what is asked of them."""

from __future__ import annotations

import io
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from core_findings import ACCOUNT, Fire, InThisProcess, finding, results
from responder.actions.run import main
from responder.cases.keys import Lane
from responder.cases.recording import Recorder, TaskRequest
from responder.cases.snapshot import CaseReader, is_turn
from responder.cases.states import State
from responder.cases.store import TaskStore
from responder.cases.task import TASKS, Alert, Task
from responder.cases.turns import Turn
from responder.documents import text
from responder.documents.document import Document
from responder.endpoints import dispatch
from responder.engine.engine import Engine
from responder.engine.report import TaskReport
from responder.engine.services import Services as EngineServices
from responder.errors import Curable
from responder.findings.finding import Finding
from responder.handlers.action import action
from responder.handlers.registry import requested
from responder.jira.client import NewTicket, Ticket, TicketStatus
from responder.jira.model import NotEditable
from responder.slack.client import Posted
from responder.splunk.client import Splunkd as Client

from sandbox.splunkd import Splunkd
from tests.kv_queries import accelerations, asked, unserved

APP = "cloudtrail_responder"


def no_guard() -> None:
    """A client that is asked without a guard sends at once."""


@dataclass
class Tickets:
    """Stands where ``responder.jira.client.Tickets`` does."""

    created: list[NewTicket] = field(default_factory=list)
    #: Markers of the comments, and what they say, in order.
    comments: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    #: Raised, once each, instead of creating; ``after`` tells that the ticket was created all the same.
    errors: list[tuple[Exception, bool]] = field(default_factory=list)
    #: Raised, once each, instead of looking a ticket up.
    find_errors: list[Exception] = field(default_factory=list)
    #: The boxes of tickets, as they were written anew: key and what each says, in order.
    panels: list[tuple[str, str]] = field(default_factory=list)
    #: How the boxes are found; raised, once each, instead.
    panel_is: str = "written"
    panel_errors: list[Exception] = field(default_factory=list)
    #: What is known of why no ticket can be edited; empty where they can be.
    not_editable: str = ""
    #: The same after it has arrived.
    panel_lost: list[Exception] = field(default_factory=list)
    #: Keys of tickets that people have closed.
    closed: set[str] = field(default_factory=set)
    #: Raised, once each, instead of commenting; ``comment_arrives`` tells that the comment was written all the same.
    comment_errors: list[Exception] = field(default_factory=list)
    comment_arrives: bool = False
    #: Files by ticket and name, and how often one was sent. Errors are raised once each, after the file has arrived.
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    uploads: int = 0
    attach_errors: list[Exception] = field(default_factory=list)
    #: Seconds that creating and commenting take, before the guard is asked and after it.
    slow_before: float = 0.0
    slow: float = 0.0
    #: Called after the guard and before the effect, once each: what happens to a process that is stopped there.
    stopped: list[Callable[[], None]] = field(default_factory=list)
    #: Projects that this Jira has; None for any.
    projects: set[str] | None = None
    #: Requests so far.
    asked: int = 0

    def admitted(self) -> AbstractContextManager[None]:
        return nullcontext()

    def prepared(self, new: NewTicket) -> NewTicket:
        return new

    def create(self, new: NewTicket, before_send: Callable[[], None] = no_guard) -> Ticket:
        self.asked += 1
        time.sleep(self.slow_before)
        before_send()
        if self.stopped:
            self.stopped.pop(0)()
        time.sleep(self.slow)
        if self.projects is not None and new.project not in self.projects:
            raise Curable(f"Project {new.project} does not exist.", "Correct it.")
        error, after = self.errors.pop(0) if self.errors else (None, True)
        if after:
            self.created.append(new)
        if error:
            raise error
        return self._ticket(len(self.created))

    def _ticket(self, number: int) -> Ticket:
        return Ticket(f"SEC-{number}", str(number), f"https://jira.example.com/browse/SEC-{number}", "SEC")

    def find(self, marker: str, label: str, since: float, known_ids: Any = ()) -> Ticket | None:
        self.asked += 1
        if self.find_errors:
            raise self.find_errors.pop(0)
        markers = [new.marker for new in self.created]
        return self._ticket(markers.index(marker) + 1) if marker in markers else None

    def status(self, key: str) -> TicketStatus:
        self.asked += 1
        key = f"SEC-{key}" if key.isdigit() else key
        return TicketStatus(key, key not in self.closed, "")

    def comment(self, key: str, document: Any, marker: str, before_send: Callable[[], None] = no_guard) -> str:
        self.asked += 1
        time.sleep(self.slow_before)
        before_send()
        time.sleep(self.slow)
        error = self.comment_errors.pop(0) if self.comment_errors else None
        if error is None or self.comment_arrives:
            self.comments.append(marker)
            self.texts.append(text.render(document))
        if error:
            raise error
        return "1"

    def find_comment(self, key: str, marker: str, since: float) -> str | None:
        self.asked += 1
        return "1" if marker in self.comments else None

    def check_editable(self, key: str) -> None:
        if self.not_editable:
            raise NotEditable(self.not_editable, "Grant it.", is_news=False)

    def put_panel(self, key: str, panel: Any, before_send: Callable[[], None] = no_guard) -> str:
        self.asked += 2
        if self.panel_errors:
            raise self.panel_errors.pop(0)
        if self.panel_is == "written":
            before_send()
            self.panels.append((key, text.render(Document((panel,)))))
        if self.panel_lost:
            raise self.panel_lost.pop(0)
        return self.panel_is

    def has_attachment(self, key: str, name: str) -> bool:
        self.asked += 1
        return (key, name) in self.files

    def attach(
        self,
        key: str,
        name: str,
        content: bytes,
        before_send: Callable[[], None] = no_guard,
        kind: str = "text/csv",
    ) -> None:
        self.asked += 1
        before_send()
        error = self.attach_errors.pop(0) if self.attach_errors else None
        self.files[key, name] = content
        self.uploads += 1
        if error:
            raise error

    def listed(self) -> list[str]:
        """Every event id in descriptions and comments, as often as it is listed."""
        pages = [text.render(new.document) for new in self.created] + self.texts
        return sorted(word.strip("`*-.,") for page in pages for word in page.split() if word.startswith("event-"))


@dataclass
class Chat:
    """Stands where ``responder.slack.client.Chat`` does."""

    texts: list[str] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    markers: list[str] = field(default_factory=list)
    #: What messages were edited to say: time stamp and text, in order.
    edited: list[tuple[str, str]] = field(default_factory=list)
    documents: list[Any] = field(default_factory=list)
    #: Raised, once each, instead of posting; ``arrives`` tells that the message was posted all the same.
    errors: list[Exception] = field(default_factory=list)
    arrives: bool = False
    can_look_up: bool = True

    def admitted(self, channel: str) -> AbstractContextManager[None]:
        return nullcontext()

    def post(
        self,
        channel: str,
        document: Any,
        marker: str,
        thread_ts: str | None = None,
        before_send: Callable[[], None] = no_guard,
    ) -> Posted:
        before_send()
        error = self.errors.pop(0) if self.errors else None
        if error is None or self.arrives:
            self.texts.append(text.render(document))
            self.documents.append(document)
            self.channels.append(channel)
            self.markers.append(marker)
        if error:
            raise error
        return Posted("C0123456", str(len(self.texts)))

    def update(
        self, channel: str, ts: str, document: Any, marker: str, before_send: Callable[[], None] = no_guard
    ) -> None:
        before_send()
        self.edited.append((ts, text.render(document)))

    def mentioned(self, wanted: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return tuple("U0KIM00001" if "@" in one else one for one in wanted), ()

    def find(self, channel: str, marker: str, since: float, thread_ts: str | None = None) -> Posted | None:
        return Posted("C0123456", str(self.markers.index(marker) + 1)) if marker in self.markers else None


class Services(EngineServices):
    """The engine's, with clients that stand in for the outside."""

    def __init__(self) -> None:
        super().__init__()
        self.jira = Tickets()
        self.slack = Chat()

    def tickets(self, site: Any, http: Any) -> Any:
        return self.jira

    def chat(self, workspace: Any, http: Any) -> Any:
        return self.slack

    def aws(self, account: Any, http: Any) -> Any:
        raise AssertionError("remediations are tested in tests/aws, on moto")


@dataclass
class Core:
    splunkd: Splunkd
    services: Services = field(default_factory=Services)
    #: Seconds that are added to the clock.
    later: float = 0.0

    @property
    def jira(self) -> Tickets:
        return self.services.jira

    @property
    def slack(self) -> Chat:
        return self.services.slack

    def clock(self) -> float:
        return time.time() + self.later

    def client(self) -> Client:
        return Client(self.splunkd.uri, self.splunkd.system_token, pauses=())

    def engine(self, client: Client | None = None) -> Engine:
        return Engine(client or self.client(), self.services, self.clock)

    def record(
        self,
        what: Finding | int = 1,
        name: str = "create_ticket",
        run: str = "run-1",
        client: Client | None = None,
        parameters: Mapping[str, str] | None = None,
        owner: str = "pat",
        **more: str,
    ) -> str:
        """Record what an alert action asks for about a finding; gives the task's key."""
        about = finding(what) if isinstance(what, int) else what
        recorder = Recorder(client or self.client(), Alert("Alert"), owner, run)
        wanted = requested(action(name), about, {"project": "SEC", **(parameters or {}), **more})
        assert isinstance(wanted, TaskRequest)
        return recorder.record(about, wanted)[0]

    def ask(self, what: Finding | int = 1, name: str = "create_ticket", **parameters: str) -> TaskReport:
        """What a run of an alert does: record, and run it; what has failed is tried again."""
        key = self.record(what, name, parameters=parameters)
        (report,) = self.engine().run([key], again=frozenset((State.FAILED,)), requested=True)
        return report

    def run(self, *keys: str) -> list[TaskReport]:
        return self.engine().run(keys)

    def work(self) -> list[str]:
        """One pass of the worker over what is due; how each task stands after it."""
        due = self.client().find(TASKS, {"due_at": {"$gt": 0, "$lte": self.clock()}}, sort="due_at", fields="_key")
        return [report.state for report in self.run(*(str(document["_key"]) for document in due))]

    def store(self) -> TaskStore:
        return TaskStore(self.client(), self.clock)

    def post(self, endpoint: str, body: Any, user: str = "pat", **request: Any) -> tuple[int, dict[str, Any]]:
        """Ask one of the app's endpoints as splunkd does; status and payload."""
        given = {
            "method": "POST",
            "rest_path": f"/cloudtrail_responder/{endpoint}",
            "server": {"rest_uri": self.splunkd.uri},
            "system_authtoken": self.splunkd.system_token,
            "session": {"user": user, "authtoken": f"token-of-{user}"},
            "payload": body if isinstance(body, str) else json.dumps(body),
            **request,
        }
        answered = dispatch.answer(json.dumps(given))
        return answered["status"], answered["payload"]

    def user(self, name: str, *roles: str) -> None:
        """Make a user of splunkd, or give one other roles."""
        form, kind = [("roles", role) for role in roles], "application/x-www-form-urlencoded"
        path = "/services/authentication/users"
        body = urlencode([("name", name), ("password", f"{name}-password"), *form]).encode()
        status, _ = self.client().request("POST", path, body=body, content_type=kind)
        if status == 409:
            body = urlencode(form).encode()
            status, _ = self.client().request("POST", f"{path}/{name}", body=body, content_type=kind)
        assert status in (200, 201)

    def task(self, key: str) -> Task:
        found = self.store().get(key)
        assert found is not None
        return found

    def save(self, file: str, stanza: str, **settings: str) -> None:
        """Write a stanza of a .conf file of the app."""
        form = "application/x-www-form-urlencoded"
        body = urlencode({"name": stanza, **settings}).encode()
        status, _ = self.client().request("POST", f"configs/conf-{APP}_{file}", body=body, content_type=form)
        if status == 409:
            path, body = f"configs/conf-{APP}_{file}/{stanza}", urlencode(settings).encode()
            status, _ = self.client().request("POST", path, body=body, content_type=form)
        assert status in (200, 201)

    def secret(self, file: str, stanza: str, **fields: str) -> None:
        form = "application/x-www-form-urlencoded"
        realm, name = f"__REST_CREDENTIAL__#{APP}#configs/conf-{APP}_{file}", f"{stanza}``splunk_cred_sep``1"
        body = urlencode({"realm": realm, "name": name, "password": json.dumps(fields)}).encode()
        assert self.client().request("POST", "storage/passwords", body=body, content_type=form)[0] == 201

    def documents(self, collection: str) -> list[dict[str, Any]]:
        # As a person looks at them: what the app itself asks for is held against the accelerations.
        return Client(self.splunkd.uri, self.splunkd.session_key(self.splunkd.admin[0])).find(collection, {})

    def write(self, collection: str, document: dict[str, Any]) -> None:
        self.client().replace(collection, document["_key"], document)

    def turns(self) -> list[dict[str, Any]]:
        return sorted(filter(is_turn, self.documents(TASKS)), key=lambda turn: turn["number"])

    def tasks(self) -> list[dict[str, Any]]:
        return [document for document in self.documents(TASKS) if not is_turn(document)]

    def hold(self, key: str) -> Turn:
        """Take the next turn of a task's lane, as a process that never comes back."""
        return self.next_turn(self.task(key).lane)

    def next_turn(self, lane: Lane, engine: Engine | None = None) -> Turn:
        engine = engine or self.engine()
        reader = CaseReader(self.client())
        case = reader.read(lane.case_id)
        state = reader.lane(case, lane)
        turn = engine._turns.prepare(lane, state.turns, case.read_at)
        assert turn is not None
        turn.claim()
        return turn

    def steps(self) -> list[str]:
        spl = 'search index=main sourcetype="cloudtrail_responder:audit" | sort 0 time | table step'
        return [str(row["step"]) for row in self.splunkd.search(spl).rows]


@pytest.fixture(scope="session")
def app_without_code(app_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What splunkd itself reads of the built app. Its code runs in this process: to unpack it took most of a test."""
    left_out = shutil.ignore_patterns("lib", "bin", "appserver", "static")
    return Path(shutil.copytree(app_dir, tmp_path_factory.mktemp("confs") / app_dir.name, ignore=left_out))


@pytest.fixture
def core(tmp_path: Path, app_without_code: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Core]:
    with Splunkd(tmp_path / "splunk") as splunkd:
        splunkd.install_app(app_without_code)
        made = Core(splunkd)
        made.save("jira_site", "jira", deployment="cloud", url="https://jira.example.com", email="a@example.com")
        made.secret("jira_site", "jira", api_token="token")
        made.save("slack_workspace", "slack", auth_type="bot", default_channel="sec")
        made.secret("slack_workspace", "slack", bot_token="xoxb-token")
        made.save("aws_account", "production", account_id=ACCOUNT, auth_type="host_role")
        made.save(
            "settings", "safety", default_mode="enforce", max_changes_per_run="20", kill_switch="0", require_proof="0"
        )
        # Each case by itself, unless a test is about what one ticket tells of.
        made.save("settings", "general", incident_hours="0", digest_limit="0")
        monkeypatch.setattr(dispatch, "SERVICES", made.services)
        yield made
        home = made.splunkd.home
        served = accelerations(home / "etc" / "apps" / APP / "default" / "collections.conf")
        assert unserved(asked(home / "var" / "log" / "splunk" / "splunkd.log"), served) == []


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Any]:
    """AWS on moto (``AwsStandIn``), which most tests of the core do without."""
    from sandbox.aws.server import AwsStandIn

    with AwsStandIn() as started:
        yield started


@pytest.fixture
def out(core: Core, stand_in: Any) -> Iterator[Any]:
    """The core with an AWS account (``dispatch_targets.Out``)."""
    from dispatch_targets import Out

    with Out.on(core, stand_in) as made:
        yield made


@pytest.fixture
def fire(core, tmp_path, monkeypatch) -> Fire:
    monkeypatch.setenv("SPLUNK_HOME", str(core.splunkd.home))
    core.splunkd.handlers = InThisProcess()
    form = {"name": "analyst", "password": "analyst-password", "roles": "cloudtrail_responder"}
    core.client().request(
        "POST", "/services/authentication/users", body=urlencode(form).encode(),
        content_type="application/x-www-form-urlencoded",
    )  # fmt: skip

    def fire(rows: list[dict[str, str]], user: str = "analyst", **payload: Any) -> int:
        given = {
            "server_uri": core.splunkd.uri,
            "session_key": core.splunkd.session_key(user),
            "results_file": str(results(tmp_path / "results.csv.gz", rows)),
            "configuration": {"project": "SEC"},
            "search_name": "Alert",
            "app": "search",
            "sid": "scheduler__1",
            "owner": user,
            **payload,
        }
        return main("create_ticket", ["x", "--execute"], io.StringIO(json.dumps(given)))

    return fire
