"""The worker's rounds against stand-ins of Jira and Slack, by a clock of the test, and what people see of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from core_findings import finding
from responder.engine.breaker import Marks, Opening
from responder.inputs import worker
from responder.splunk.client import Splunkd as Client

from sandbox.jira import JiraStandIn
from sandbox.slack import SlackStandIn

#: The operations channel, and the default one.
OPS, DEFAULT = "general", "security-alerts"


class Stopped(BaseException):
    """The process is no more."""


class Late(Client):
    """splunkd, by the clock of the test. Counts requests, and dies at one of its writes."""

    clock: Callable[[], float]
    asked = 0
    #: Writes until it dies, and whether that one has its effect.
    left = 0
    after = False
    #: Or a part of the address after the write to which it dies.
    dies_after = ""

    def now(self) -> float:
        return self.clock()

    def request(self, *args: Any, **more: Any) -> tuple[int, bytes]:
        self.asked += 1
        is_write = args[0] != "GET"
        self.left -= is_write
        if is_write and self.left == 0 and not self.after:
            raise Stopped
        answer = super().request(*args, **more)
        if is_write and (self.left == 0 or self.dies_after and self.dies_after in args[1]):
            raise Stopped
        return answer


@dataclass
class Operated:
    core: Any
    jira: JiraStandIn
    slack: SlackStandIn

    def client(self) -> Late:
        made = Late(self.core.splunkd.uri, self.core.splunkd.system_token, pauses=())
        made.clock = self.core.clock
        return made

    def work(self, minutes: float = 0.0, client: Late | None = None) -> int:
        """A round of the worker on some search head, so much later; how many requests it sent to splunkd."""
        self.core.later += minutes * 60
        client = client or self.client()
        worker.run_once(client, self.core.clock, interval=20.0)
        return client.asked

    def work_for(self, hours: float, every: float = 10.0) -> None:
        """Rounds ``every`` so many minutes."""
        for _ in range(round(hours * 60 / every)):
            self.work(every)

    def messages(self, channel: str = OPS) -> list[str]:
        return [message.text for message in self.slack.messages(channel)]

    def bulletins(self) -> list[str]:
        return [one.text for one in self.core.splunkd.bulletin.all() if one.name.startswith("cloudtrail_responder_")]

    def record(self, *numbers: int, name: str = "create_ticket") -> list[str]:
        client = self.client()
        return [self.core.record(finding(number), name, client=client) for number in numbers]

    def leave_alone(self, service: str, seconds: float = 400.0) -> None:
        """As a breaker does that has been open for so long, and stays so for an hour."""
        now = self.core.clock()
        Marks(self.client()).open(service, Opening(1, now + 3600, 300.0, now - seconds))

    def answers(self, service: str) -> None:
        Marks(self.client()).close(service)

    def general(self, **more: str) -> None:
        self.core.save("settings", "general", **more)


@contextmanager
def operated(core: Any) -> Iterator[Operated]:
    with JiraStandIn("cloud") as jira, SlackStandIn() as slack:
        own = jira.credentials
        core.secret("jira_site", "site", api_token=own.api_token)
        core.save("jira_site", "site", deployment="cloud", url=jira.url, email=own.email, default_project="SEC")
        core.secret("slack_workspace", "team", bot_token=slack.credentials.bot_token)
        core.save("slack_workspace", "team", auth_type="bot", default_channel=DEFAULT)
        defaults = {"default_jira_site": "site", "default_slack_workspace": "team"}
        core.save("settings", "general", **defaults, operations_channel=f"#{OPS}")
        core.save("settings", "developer", slack_api_url=slack.credentials.api_url, unknown_outcome_seconds="0.1")
        yield Operated(core, jira, slack)
