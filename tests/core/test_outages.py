"""A service that does not answer is reported in the other channels, once, and its end says what was caught up.

Time is virtual: splunkd's clock, the worker's and the breakers' are ``core.clock``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from core_findings import finding
from responder.cases.states import State
from responder.errors import Rejected
from responder.inputs import attention, worker
from responder.inputs import outages as outages_input
from responder.inputs import round as round_module
from responder.jira.client import Tickets
from responder.splunk import bulletin
from responder.splunk.client import Splunkd as Client

from sandbox.jira import JiraStandIn
from sandbox.slack import SlackStandIn

HOUR = 3600.0
OPS = "general"


class Late(Client):
    """splunkd, by the clock of the test. Counts requests."""

    clock: Callable[[], float]
    asked = 0

    def now(self) -> float:
        return self.clock()

    def request(self, *args: Any, **more: Any) -> tuple[int, bytes]:
        self.asked += 1
        return super().request(*args, **more)


@dataclass
class Outside:
    core: Any
    jira: JiraStandIn
    slack: SlackStandIn

    def client(self) -> Late:
        made = Late(self.core.splunkd.uri, self.core.splunkd.system_token, pauses=())
        made.clock = self.core.clock
        return made

    def work(self, minutes: float = 0.0) -> int:
        """A round of the worker on some search head, so much later; how many requests it sent to splunkd."""
        self.core.later += minutes * 60
        client = self.client()
        worker.run_once(client, self.core.clock, interval=20.0)
        return client.asked

    def work_for(self, hours: float, every: float = 10.0) -> None:
        for _ in range(round(hours * 60 / every)):
            self.work(every)

    def messages(self, channel: str = OPS) -> list[str]:
        return [message.text for message in self.slack.messages(channel)]

    def bulletins(self) -> list[str]:
        return [one.text for one in self.core.splunkd.bulletin.all() if one.name.startswith("cloudtrail_responder_")]

    def record(self, numbers: range, name: str = "create_ticket") -> list[str]:
        client = self.client()
        return [self.core.record(finding(number), name, client=client) for number in numbers]


@pytest.fixture
def outside(core: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    monkeypatch.setattr(round_module, "LOOK_AGAIN", 0.05)
    with JiraStandIn("cloud") as jira, SlackStandIn() as slack:
        own = jira.credentials
        core.secret("jira_site", "site", api_token=own.api_token)
        core.save("jira_site", "site", deployment="cloud", url=jira.url, email=own.email, default_project="SEC")
        core.secret("slack_workspace", "team", bot_token=slack.credentials.bot_token)
        core.save("slack_workspace", "team", auth_type="bot", default_channel="security-alerts")
        general = {"default_jira_site": "site", "default_slack_workspace": "team", "operations_channel": f"#{OPS}"}
        core.save("settings", "general", **general)
        core.save("settings", "developer", slack_api_url=slack.credentials.api_url.rstrip("/"))
        yield Outside(core, jira, slack)


def test_four_hours_without_jira_are_two_messages_and_one_bulletin_that_goes_again(outside: Outside) -> None:
    away = outside.jira.faults.add("reset", count=None)
    outside.record(range(12))
    outside.work_for(4)
    (late,) = outside.messages()
    assert "Jira 'site' has not answered since" in late and "12 tickets and comments are late" in late
    (shown,) = outside.bulletins()
    assert "Jira 'site' has not answered since" in shown and "12 tickets" in shown
    outside.jira.faults.clear(away)
    outside.work_for(1, every=6)
    assert len(outside.jira.issues()) == 12
    _, back = outside.messages()
    assert "Jira 'site' answers again" in back and "Late tickets and comments: 12 done." in back
    assert outside.bulletins() == []
    outside.work_for(2)
    assert len(outside.messages()) == 2
