"""Whom nobody has answered is asked for in a second channel: in that one, or in none."""

from __future__ import annotations

from typing import Any

import pytest
from core_findings import finding
from responder.cases.outcomes import Remediated
from responder.cases.states import State, WaitingFor
from responder.cases.task import TASKS
from responder.handlers.escalation import escalation


@pytest.fixture
def asked(core: Any) -> str:
    """What asks about a remediation that half of the time has gone by for."""
    core.save("settings", "safety", escalation_channel="leads")
    task = core.task(core.record(finding(1), "remediate", playbook="block_public_bucket", mode="approve"))
    task.state, task.waiting_for, task.due_at = State.WAITING, WaitingFor.APPROVAL, core.clock() + 7200
    task.outcome = Remediated("block_public_bucket", "approve", "still_waiting", "It waits.", ask="ask")
    core.client().save_many(TASKS, [task.to_document()])
    (asks,) = escalation(task, task.turn, "still_waiting", "ask", "leads")
    core.store().record(asks)
    return str(asks.key)


def test_it_asks_in_the_channel_that_was_chosen(core: Any, asked: str) -> None:
    (report,) = core.run(asked)
    assert report.state == "done" and core.slack.channels == ["leads"]


def test_a_webhook_asks_in_no_other_channel_than_its_own_so_a_person_is_waited_for(core: Any, asked: str) -> None:
    """The default workspace was changed after the channel was saved."""
    core.save("slack_workspace", "hook", auth_type="webhook")
    core.secret("slack_workspace", "hook", webhook_url="https://hooks.slack.com/services/T/B/x")
    core.save("settings", "general", default_slack_workspace="hook")
    (report,) = core.run(asked)
    assert (report.state, report.waiting_for) == ("waiting", "person") and "is a webhook" in report.message
    assert core.slack.texts == []
