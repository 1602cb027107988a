"""The app's core in this process, on the sandbox's splunkd, with outside services that count what is asked of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from responder.case import Alert, Wish, record
from responder.engine import Engine, Report
from responder.finding import Finding
from responder.splunkd import Splunkd as Client
from responder.tasks import TaskStore
from responder.tickets import NewTicket, Ticket, TicketStatus

from sandbox.splunkd import Splunkd

APP = "cloudtrail_responder"


@dataclass
class Tickets:
    """Stands where ``responder.tickets.Tickets`` does."""

    created: list[NewTicket] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    #: Raised, once each, instead of creating; ``after`` tells that the ticket was created all the same.
    errors: list[tuple[Exception, bool]] = field(default_factory=list)
    slow: float = 0.0
    #: Raised, once each, instead of looking a ticket up.
    find_errors: list[Exception] = field(default_factory=list)

    def create(self, new: NewTicket) -> Ticket:
        time.sleep(self.slow)
        error, after = self.errors.pop(0) if self.errors else (None, True)
        if after:
            self.created.append(new)
        if error:
            raise error
        return Ticket("SEC-1", "1", "https://jira.example.com/browse/SEC-1")

    def find(self, label: str, project: str, known_ids: Any = (), marker: str = "") -> Ticket | None:
        if self.find_errors:
            raise self.find_errors.pop(0)
        found = any(new.marker == marker for new in self.created)
        return Ticket("SEC-1", "1", "https://jira.example.com/browse/SEC-1") if found else None

    def status(self, key: str) -> TicketStatus:
        return TicketStatus(key, True, "To Do")

    def comment(self, key: str, document: Any, marker: str) -> str:
        self.comments.append(marker)
        return "1"


@dataclass
class Services:
    """Stands where ``responder.services.Services`` does."""

    jira: Tickets = field(default_factory=Tickets)

    def tickets(self, site: Any, http: Any) -> Any:
        return self.jira


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
def core(tmp_path: Path, built_app: Path) -> Iterator[Core]:
    with Splunkd(tmp_path / "splunk") as splunkd:
        splunkd.install_app(built_app)
        made = Core(splunkd)
        client = made.client()
        site = b"name=jira&deployment=cloud&url=https%3A%2F%2Fjira.example.com&email=a%40example.com"
        form = "application/x-www-form-urlencoded"
        assert client.request("POST", f"configs/conf-{APP}_jira_site", body=site, content_type=form)[0] == 201
        secret = (
            f"realm=__REST_CREDENTIAL__%23{APP}%23configs%2Fconf-{APP}_jira_site"
            "&name=jira%60%60splunk_cred_sep%60%601&password=%7B%22api_token%22%3A%22token%22%7D"
        )
        assert client.request("POST", "storage/passwords", body=secret.encode(), content_type=form)[0] == 201
        yield made
