"""The first message of a case links the ticket that came later, and its state line is kept true; a webhook cannot."""

from __future__ import annotations

from typing import Any

import pytest
from core_findings import finding
from responder.remediation import runner
from responder.remediation.outcome import Outcome

TICKET = "Ticket SEC-1 (https://jira.example.com/browse/SEC-1)"


def later(core: Any) -> None:
    """What the worker does a little later."""
    core.later += 60
    core.work()


def test_a_ticket_that_comes_later_is_added_to_the_message(core: Any) -> None:
    core.ask(1, "notify_slack")
    core.ask(1)
    assert TICKET not in core.slack.texts[0] and core.slack.edited == [], "the alert does not wait for it"
    later(core)
    ((ts, said),) = core.slack.edited
    assert ts == "1" and TICKET in said
    assert [line for line in said.splitlines() if TICKET not in line] == core.slack.texts[0].splitlines()
    later(core)
    assert len(core.slack.edited) == 1


def test_a_message_that_came_later_links_it_at_once(core: Any) -> None:
    core.ask(1)
    core.ask(1, "notify_slack")
    assert TICKET in core.slack.texts[0]
    later(core)
    assert core.slack.edited == []


def test_the_state_line_follows_a_remediation(core: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    done = Outcome("deactivate_access_key", "enforce", "done", "Deactivated it.", (), finished_at=1_789_000_100.0)
    monkeypatch.setattr(runner, "run", lambda request, ports: done)
    core.ask(1, "notify_slack")
    assert "State: Found; nothing was changed by this app" in core.slack.texts[0]
    core.ask(1, "remediate", playbook="deactivate_access_key")
    assert len(core.slack.texts) == 2, "the thread tells of the step"
    later(core)
    ((_, said),) = core.slack.edited
    assert "State: Contained and verified" in said and "nothing was changed" not in said


def test_a_message_about_several_occurrences_is_edited_to_list_them_all(core: Any) -> None:
    """The thread of a ticket that was closed goes on; a message of it may tell of several, and may be edited."""
    core.ask(1, "notify_slack")
    core.run(*(core.record(finding(1, f"event-{number}"), "notify_slack") for number in (2, 3)))
    opener, reply = core.slack.texts
    assert "event-2" in reply and "event-3" in reply
    core.ask(1)
    later(core)
    ((ts, said),) = core.slack.edited
    assert ts == "1" and [line for line in said.splitlines() if TICKET not in line] == opener.splitlines()


def test_what_is_asked_for_again_keeps_the_finding_that_its_message_is_edited_with(core: Any) -> None:
    core.ask(finding(1, "event-1"), "notify_slack")
    core.ask(finding(1, "event-2"), "notify_slack")
    core.ask(finding(1, "event-1"), "notify_slack")
    found = [task for task in core.tasks() if task["kind"] == "slack.finding"]
    assert len(found) == 2 and all("event-" in task["finding"] for task in found)


def test_a_webhook_is_not_asked_to_edit(core: Any) -> None:
    core.save("slack_workspace", "hook", auth_type="webhook")
    core.secret("slack_workspace", "hook", webhook_url="https://hooks.slack.com/services/T/B/x")
    core.save("settings", "general", default_slack_workspace="hook")
    core.ask(1, "notify_slack")
    core.ask(1)
    later(core)
    assert core.slack.edited == [] and not [task for task in core.tasks() if task["kind"] == "slack.edit"]


def test_a_thread_hears_of_an_excuse_though_an_earlier_one_is_in_a_workspace_that_was_removed(core: Any) -> None:
    core.save("slack_workspace", "old", auth_type="bot", default_channel="sec")
    core.secret("slack_workspace", "old", bot_token="xoxb-token")
    core.save("settings", "general", default_slack_workspace="slack")
    core.ask(finding(1, "event-1"), "notify_slack", slack_workspace="old")
    status, _ = core.client().request("DELETE", "configs/conf-cloudtrail_responder_slack_workspace/old")
    assert status == 200
    core.ask(finding(1, "event-2"), "notify_slack")
    (case,) = {task["case_id"] for task in core.tasks()}
    assert core.post("excuse", {"case": case, "reason": "Known scanner"}, user="ana")[0] == 200
    assert len(core.slack.texts) == 3 and "Excused until" in core.slack.texts[-1]
    assert {ts for ts, _ in core.slack.edited} == {"2"}
