"""Notifiers beside Slack on the built app: from the alert action to a card in Teams, or a signed event."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.faults import Fault, Faults
from sandbox.teams import TeamsStandIn
from sandbox.webhook import WebhookStandIn


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


@pytest.fixture
def soar(site: Any) -> Iterator[WebhookStandIn]:
    with WebhookStandIn() as receiver:
        form = {"type": "webhook", "webhook_url": receiver.webhook_url, "signing_secret": receiver.secrets[0]}
        site.world.save("notifier", "soar", form)
        yield receiver


@pytest.fixture
def teams(site: Any) -> Iterator[TeamsStandIn]:
    with TeamsStandIn() as standin:
        site.world.save("notifier", "teams", {"type": "teams", "webhook_url": standin.webhook_url})
        yield standin


class KillsWhoSends(Faults):
    """Kills the executor when its message has arrived, so that no answer is heard and nothing written down."""

    def __init__(self, site: Any) -> None:
        super().__init__()
        self._site, self.left = site, 1

    def take(self, method: str, path: str) -> Fault | None:
        if not self.left:
            return None
        self.left -= 1
        for process in self._site.world.runner.handlers.processes("cloudtrail_responder"):
            if process.busy:
                process.popen.kill()
        return Fault("reset_after")


def test_a_finding_and_what_was_done_about_it_reach_teams_and_a_webhook(
    site: Any, soar: WebhookStandIn, teams: TeamsStandIn
) -> None:
    row = site.open_ssh()
    assert site.world.fire("create_ticket", [row]).exit_code == 0
    for notifier in ("soar", "teams"):
        run = site.world.fire("notify", [row], {"notifier": notifier})
        assert run.exit_code == 0, run.stderr
    assert site.world.fire("remediate", [row]).exit_code == 0
    assert not site.open_to_world(row["object_id"])
    (ticket,) = site.world.jira.issues()
    found, done = soar.events
    assert (found.kind, found.data["finding"]["object_id"]) == ("finding", row["object_id"])
    assert found.data["ticket"]["key"] == ticket.key
    assert (done.kind, done.data["remediation"]["status"]) == ("remediation", "done")
    assert done.subject == found.subject and len(soar.pings) == 1
    card, report = teams.cards
    assert row["object_id"] in card.monospace and any(ticket.key in link for link in card.links)
    assert any(text.startswith("Done") for text in report.bold)
    assert teams.failed == soar.refused == [] and soar.unknown_requests == []
    # Neither address nor secret is in what the app wrote down.
    logs = "".join(path.read_text() for path in (site.world.home / "var" / "log" / "splunk").glob("*responder*.log"))
    assert teams.signature not in logs and soar.secrets[0] not in logs


@pytest.mark.extended
def test_an_executor_killed_with_9_when_its_message_has_arrived_sends_it_again_and_it_counts_once(
    site: Any, soar: WebhookStandIn
) -> None:
    row = site.open_ssh()
    soar.faults = KillsWhoSends(site)
    site.world.fire("notify", [row])
    for _ in range(50):
        site.let_turns_end()
        if site.world.fire("notify", [row]).exit_code == 0:
            break
        time.sleep(0.3)
    assert [event.data["finding"]["event_ids"] for event in soar.events] == [row["event_ids"]]
    assert soar.repeats == [soar.events[0].id]
    assert {task["state"] for task in site.tasks()} == {"done"}
