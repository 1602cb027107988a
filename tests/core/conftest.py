"""The app's core in this process, on the sandbox's splunkd, with outside services that count what is asked of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from responder.aws.identity import Identity
from responder.cases.case import Alert, Wish, record
from responder.cases.tasks import Task, TaskStore
from responder.documents import text
from responder.endpoints import executor
from responder.engine.engine import Engine, Report
from responder.findings.finding import Finding
from responder.jira.client import NewTicket, Ticket, TicketStatus
from responder.remediation.playbook import Call, Observation, Playbook, Resource, Step, Target
from responder.slack.client import Posted
from responder.splunk.client import Splunkd as Client

from sandbox.splunkd import Splunkd

APP = "cloudtrail_responder"
ACCOUNT = "123456789012"


@dataclass
class Tickets:
    """Stands where ``responder.jira.client.Tickets`` does."""

    created: list[NewTicket] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    #: Raised, once each, instead of creating; ``after`` tells that the ticket was created all the same.
    errors: list[tuple[Exception, bool]] = field(default_factory=list)
    slow: float = 0.0
    #: Raised, once each, instead of looking a ticket up.
    find_errors: list[Exception] = field(default_factory=list)
    #: Keys of tickets that people have closed.
    closed: set[str] = field(default_factory=set)
    #: What the comments say, in order.
    said: list[str] = field(default_factory=list)
    #: Raised, once each, instead of commenting; ``comment_arrives`` tells that the comment was written all the same.
    comment_errors: list[Exception] = field(default_factory=list)
    comment_arrives: bool = False
    slow_comment: float = 0.0

    def create(self, new: NewTicket) -> Ticket:
        time.sleep(self.slow)
        error, after = self.errors.pop(0) if self.errors else (None, True)
        if after:
            self.created.append(new)
        if error:
            raise error
        return self._ticket(len(self.created))

    def _ticket(self, number: int) -> Ticket:
        return Ticket(f"SEC-{number}", str(number), f"https://jira.example.com/browse/SEC-{number}")

    def find(self, label: str, project: str, known_ids: Any = (), marker: str = "") -> Ticket | None:
        if self.find_errors:
            raise self.find_errors.pop(0)
        markers = [new.marker for new in self.created]
        return self._ticket(markers.index(marker) + 1) if marker in markers else None

    def status(self, key: str) -> TicketStatus:
        return TicketStatus(key, key not in self.closed, "")

    def comment(self, key: str, document: Any, marker: str) -> str:
        time.sleep(self.slow_comment)
        error = self.comment_errors.pop(0) if self.comment_errors else None
        if error is None or self.comment_arrives:
            self.comments.append(marker)
            self.said.append(text.render(document))
        if error:
            raise error
        return "1"

    def find_comment(self, key: str, marker: str) -> str | None:
        return "1" if marker in self.comments else None


@dataclass
class Chat:
    """Stands where ``responder.slack.client.Chat`` does."""

    said: list[str] = field(default_factory=list)
    can_look_up: bool = True

    def post(self, channel: str, document: Any, marker: str, thread_ts: str | None = None) -> Posted:
        self.said.append(text.render(document))
        return Posted("C0123456", str(len(self.said)))


@dataclass
class Aws:
    """Stands where ``responder.aws.client.Aws`` does: things that are on or off; the playbook below turns them off."""

    #: What is off by now, and each change that was made, in order.
    off: set[str] = field(default_factory=set)
    made: list[str] = field(default_factory=list)
    #: Raised, once each, by the step (``plan``, ``apply``, ``verify``) that comes by.
    errors: dict[str, list[Exception]] = field(default_factory=dict)
    #: Called before each change.
    meanwhile: Callable[[], None] = lambda: None

    def identity(self) -> Identity:
        return Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/responder")

    def assert_account(self) -> None:
        pass

    def sleep(self, seconds: float) -> None:
        pass

    def write(self, service: str, operation: str, region: str, already: Any, before_send: Any, thing: str) -> Any:
        before_send()
        self.meanwhile()
        if operation == "switch_off":
            self.step("apply")
            self.off.add(thing)
            self.made.append(thing)
        else:
            self.off.discard(thing)
        return {}

    def step(self, name: str) -> None:
        if self.errors.get(name):
            raise self.errors[name].pop(0)


class SwitchOff(Playbook):
    """Switches off every thing that the finding's detail names."""

    id, title, accepts, required_fields, services, permissions = "switch_off", "Switch off", (), (), (), ()
    risk, risk_note, undo_note, detail_note = "low", "None.", "Switches on.", "`things`"

    def targets(self, finding: Finding, aws: Any) -> list[Target]:
        aws.step("plan")
        return [Target(thing, "us-east-1") for thing in finding.detail["things"]]

    def read(self, target: Target, aws: Any) -> Observation:
        # A time, as boto3 gives them: what is read is not always JSON.
        state = {"on": target.id not in aws.off, "since": datetime(2026, 1, 1)}
        return Observation(Resource(target.id, "AWS::Some::Thing", ACCOUNT, "us-east-1"), state)

    def state(self, resource: Resource, aws: Any) -> dict[str, Any]:
        aws.step("verify")
        return {"on": resource.id not in aws.off}

    def steps(self, finding: Finding, seen: Observation, aws: Any, safety: Any) -> list[Step]:
        thing = {"thing": seen.resource.id}
        if not seen.state["on"]:
            return []
        return [Step("on", True, False, Call("things", "switch_off", thing), Call("things", "switch_on", thing))]

    def summary(self, resource: Resource, steps: Any) -> str:
        return f"Off: {resource.id}."

    def describe(self, resource: Resource, state: Any, aspects: Any) -> str:
        return f"{resource.id} is {'on' if state['on'] else 'off'}."


@dataclass
class Services:
    """Stands where ``responder.engine.services.Services`` does."""

    jira: Tickets = field(default_factory=Tickets)
    cloud: Aws = field(default_factory=Aws)
    slack: Chat = field(default_factory=Chat)

    def tickets(self, site: Any, http: Any) -> Any:
        return self.jira

    def chat(self, workspace: Any, http: Any) -> Any:
        return self.slack

    def aws(self, account: Any, http: Any) -> Any:
        return self.cloud


@dataclass
class Core:
    splunkd: Splunkd
    services: Services = field(default_factory=Services)
    #: Seconds that are added to the clock.
    later: float = 0.0

    def clock(self) -> float:
        return time.time() + self.later

    def client(self) -> Client:
        return Client(self.splunkd.uri, self.splunkd.system_token, pauses=())

    def engine(self) -> Engine:
        return Engine(self.client(), self.services, self.clock)  # type: ignore[arg-type]

    def record(self, number: int = 1, run: str = "sid-1", client: Client | None = None, **more: Any) -> list[str]:
        """Record a ticket for a finding; gives the keys to run."""
        finding = Finding("some_detection", "Some detection", "low", f"key-{number}", event_ids=(f"event-{number}",))
        wish = Wish("ticket", "ticket.create", "ticket.comment", {"project": "SEC", **more})
        client = client or self.client()
        return record(client, TaskStore(client, self.clock), finding, wish, Alert("Alert", run), self.clock())[0]

    def remediate(self, number: int = 1, run: str = "sid-1", mode: str = "enforce", things: int = 1) -> str:
        """Record a remediation of some things; gives its task."""
        detail = {"things": [f"thing-{number}-{n}" for n in range(things)]}
        finding = Finding(
            "some_detection", "", "low", f"key-{number}", event_ids=("e",), vendor_account=ACCOUNT, detail=detail
        )
        request = {"playbook": "switch_off", "mode": mode}
        wish = Wish(f"remediate.switch_off.{mode or 'default'}", "remediation.run", "remediation.run", request)
        client = self.client()
        store = TaskStore(client, self.clock)
        (key,), _ = record(client, store, finding, wish, Alert("Alert", run), self.clock())
        return key

    def undo(self, key: str) -> dict[str, Any]:
        request = {"payload": json.dumps({"task": key}), "session": {"user": "pat"}}
        return executor.undo(self.client(), request)

    def task(self, key: str) -> Task:
        found = self.engine().store.get(key)
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

    def run(self, number: int = 1) -> Report:
        (report,) = self.engine().run(self.record(number))
        return report

    def documents(self, collection: str) -> list[dict[str, Any]]:
        return self.client().find(collection, {})

    def write(self, collection: str, document: dict[str, Any]) -> None:
        self.client().replace(collection, document["_key"], document)

    def steps(self) -> list[str]:
        spl = 'search index=main sourcetype="cloudtrail_responder:audit" | sort 0 time | table step'
        return [str(row["step"]) for row in self.splunkd.search(spl).rows]


@pytest.fixture
def core(tmp_path: Path, built_app: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Core]:
    with Splunkd(tmp_path / "splunk") as splunkd:
        splunkd.install_app(built_app)
        made = Core(splunkd)
        made.save("jira_site", "jira", deployment="cloud", url="https://jira.example.com", email="a@example.com")
        made.secret("jira_site", "jira", api_token="token")
        made.save("slack_workspace", "slack", auth_type="bot", default_channel="sec")
        made.secret("slack_workspace", "slack", bot_token="xoxb-token")
        made.save("aws_account", "production", account_id=ACCOUNT, auth_type="host_role")
        made.save("settings", "safety", default_mode="enforce", max_changes_per_run="20", kill_switch="0")
        monkeypatch.setattr(executor, "SERVICES", made.services)
        monkeypatch.setattr("responder.remediation.registry.get", lambda _: SwitchOff())
        yield made
