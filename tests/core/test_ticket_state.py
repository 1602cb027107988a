"""The box in a ticket's description follows what becomes of the case, behind the alert's back and once for all news."""

from __future__ import annotations

import json
from typing import Any

import pytest
from core_findings import finding
from responder.cases.task import TASKS
from responder.documents import text
from responder.errors import NotPermitted, Unavailable, UnknownOutcome
from responder.handlers.ticket_state import STATE
from responder.jira.model import NotEditable, Ticket
from responder.remediation import runner
from responder.remediation.outcome import Outcome

#: What a remediation comes to, in turn; the last one stays.
Ends = list[Outcome]


def ended(status: str, message: str, finished_at: float, **more: Any) -> Outcome:
    return Outcome("deactivate_access_key", "enforce", status, message, (), finished_at=finished_at, **more)


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Ends:
    found: Ends = [ended("simulated", "It would deactivate the key.", 1_789_000_100.0)]
    monkeypatch.setattr(runner, "run", lambda request, ports: found[0] if len(found) == 1 else found.pop(0))
    return found


def remediate(core: Any, event: str = "event-1") -> None:
    report = core.ask(finding(1, event), "remediate", playbook="deactivate_access_key")
    assert report.state == "done", report


def later(core: Any) -> None:
    """What the worker does a little later."""
    core.later += 60
    core.work()


def states(core: Any) -> list[dict[str, Any]]:
    return [task for task in core.tasks() if task["kind"] == STATE]


def test_a_ticket_opens_with_how_its_case_stands(core: Any) -> None:
    core.ask()
    said = text.render(core.jira.created[0].document)
    assert "State: Found; nothing was changed by this app" in said and "To do now: " in said
    later(core)
    assert core.jira.panels == [] and states(core) == []


def test_what_a_remediation_has_come_to_is_written_into_it_by_the_worker(core: Any, ends: Ends) -> None:
    core.ask()
    remediate(core)
    assert core.jira.panels == [], "the alert does not wait for it"
    later(core)
    ((key, said),) = core.jira.panels
    assert key == "SEC-1" and "State: Found, and a plan was made; nothing was changed" in said
    assert "ticket_edited" in core.steps()


def test_a_ticket_is_told_from_one_of_the_same_key_on_another_site(
    core: Any, ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    core.save("jira_site", "other", deployment="cloud", url="https://o.example.com", email="a@example.com")
    core.secret("jira_site", "other", api_token="token")
    monkeypatch.setattr(core.jira, "_ticket", lambda number: Ticket("SEC-1", "1", "https://x.example/SEC-1", "SEC"))
    core.ask(jira_site="jira")
    core.run(core.record(owner="kim", run="run-2", jira_site="other"))
    remediate(core)
    assert len(core.jira.created) == 2
    assert [json.loads(task["request"])["jira_site"] for task in states(core)] == ["jira"]


def test_what_comes_together_is_written_once(core: Any, ends: Ends) -> None:
    ends.append(ended("already", "The key is inactive already.", 1_789_000_200.0))
    core.ask()
    remediate(core)
    remediate(core, "event-2")
    later(core)
    assert len(states(core)) == 2 and len(core.jira.panels) == 1
    assert "State: Already corrected by somebody else" in core.jira.panels[0][1]


def test_a_ticket_that_came_last_is_not_written_anew(core: Any, ends: Ends) -> None:
    remediate(core)
    core.ask()
    assert "a plan was made" in text.render(core.jira.created[0].document)
    asked = core.jira.asked
    later(core)
    assert core.jira.panels == [] and core.jira.asked == asked, "no request"


@pytest.mark.parametrize(
    ("status", "message"),
    [("gone", "has no box any more"), ("edited", "A person has edited the box"), ("full", "has no room")],
)
def test_a_box_that_is_peoples_is_left_alone_and_the_comment_stands(
    core: Any, ends: Ends, status: str, message: str
) -> None:
    core.jira.panel_is = status
    core.ask()
    remediate(core)
    later(core)
    (task,) = states(core)
    assert task["state"] == "done" and message in task["message"]
    assert len(core.jira.comments) == 1 and "ticket_edited" not in core.steps()
    core.later += 600
    assert core.work() == []


def test_what_could_not_be_written_is_written_later(core: Any, ends: Ends) -> None:
    core.jira.panel_errors.append(Unavailable("Jira does not answer.", "It is tried again.", retry_after=30))
    core.ask()
    remediate(core)
    later(core)
    assert [task["state"] for task in states(core)] == ["waiting"]
    later(core)
    assert len(core.jira.panels) == 1 and [task["state"] for task in states(core)] == ["done"]


def test_a_right_that_is_missing_fails_no_task_is_audited_once_and_costs_no_comment(core: Any, ends: Ends) -> None:
    ends.append(ended("already", "The key is inactive already.", 1_789_000_200.0))
    core.jira.panel_errors.append(NotEditable("They may not be edited.", "Give it the permission Edit issues."))
    core.ask()
    remediate(core)
    later(core)
    core.jira.not_editable = "They may not be edited."
    remediate(core, "event-2")
    later(core)
    assert [task["state"] for task in states(core)] == ["done", "done"]
    assert all("stays as it is: They may not be edited." in task["message"] for task in states(core))
    assert core.steps().count("ticket_not_edited") == 1 and len(core.jira.comments) == 2 and core.jira.panels == []


def test_once_the_right_is_granted_the_next_event_brings_the_box_up_to_date(core: Any, ends: Ends) -> None:
    ends.append(ended("already", "The key is inactive already.", 1_789_000_200.0))
    core.jira.panel_errors.append(NotEditable("They may not be edited.", "Give it the permission Edit issues."))
    core.ask()
    remediate(core)
    later(core)
    remediate(core, "event-2")
    later(core)
    ((_, said),) = core.jira.panels
    assert "State: Already corrected" in said and "a plan was made" not in said.partition("Timeline")[0]


def test_credentials_that_have_expired_wait_for_a_person_and_cost_no_comment(core: Any, ends: Ends) -> None:
    core.jira.panel_errors.append(NotPermitted("Jira does not accept the credentials.", "Enter new ones."))
    core.ask()
    remediate(core)
    later(core)
    (task,) = states(core)
    assert (task["state"], task["waiting_for"]) == ("waiting", "person")
    assert len(core.jira.comments) == 1


def test_an_answer_that_was_lost_is_looked_up_by_writing_the_same_again(core: Any, ends: Ends) -> None:
    core.jira.panel_lost.append(UnknownOutcome("No answer came back.", "It is looked up."))
    core.ask()
    remediate(core)
    later(core)
    assert [task["state"] for task in states(core)] == ["unknown"]
    later(core)
    first, again = core.jira.panels
    assert first == again and [task["state"] for task in states(core)] == ["done"]


def test_a_task_whose_ticket_is_not_known_any_more_ends(core: Any, ends: Ends) -> None:
    core.ask()
    remediate(core)
    (task,) = states(core)
    opened = next(one for one in core.tasks() if one["kind"] == "ticket.finding")
    core.client().delete_where(TASKS, {"_key": opened["_key"]})
    later(core)
    assert core.task(task["_key"]).message == "There is no such ticket any more."


def test_a_case_that_was_excused_says_so_in_its_ticket_and_its_message(core: Any) -> None:
    core.user("ana", "cloudtrail_responder_analyst")
    core.ask()
    core.ask(1, "notify_slack")
    (task,) = (one["_key"] for one in core.tasks() if one["kind"] == "ticket.finding")
    status, _ = core.post("excuse", {"task": task, "days": 30, "reason": "Known scanner"}, user="ana")
    assert status == 200
    later(core)
    said = core.jira.panels[-1][1]
    assert "State: Excused until" in said and "by ana: Known scanner" in said
    assert core.slack.edited and "State: Excused until" in core.slack.edited[-1][1]
