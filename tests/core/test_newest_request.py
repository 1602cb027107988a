"""What a person corrects takes effect: in the alert, on the setup page, or in the service itself."""

from __future__ import annotations

from typing import Any

import pytest
from core_findings import finding
from responder.errors import ConfigurationError, Curable, NotPermitted, Rejected
from responder.inputs import worker


def worker_round(core: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(worker, "Services", lambda: core.services)
    return [report.state for report in worker.run_once(core.client(), core.clock)]


def test_a_corrected_project_opens_the_ticket_at_once_and_the_old_request_is_closed_with_it(core):
    core.jira.projects = {"SEC"}
    assert core.ask(project="WRONG").waiting_for == "person"
    assert core.ask(project="SEC").state == "done"
    core.later = 7200
    core.work()
    assert [new.project for new in core.jira.created] == ["SEC"]
    assert core.jira.listed() == ["event-1"]
    assert {task["state"] for task in core.tasks()} == {"done"}


def test_new_occurrences_do_not_wait_for_a_request_that_was_wrong(core):
    core.jira.projects = {"SEC"}
    core.ask(finding(1, "event-1"), project="WRONG")
    assert core.ask(finding(1, "event-2"), project="SEC").state == "done"
    core.later = 7200
    core.work()
    assert core.jira.listed() == ["event-1", "event-2"] and len(core.jira.created) == 1


def test_a_corrected_channel_gets_the_message(core):
    core.slack.errors = [ConfigurationError("There is no channel #wrong.", "Correct it.")]
    assert core.ask(name="notify_slack", channel="wrong").waiting_for == "person"
    assert core.ask(name="notify_slack", channel="right").state == "done"
    core.later = 7200
    core.work()
    assert core.slack.channels == ["right"]


def test_another_channel_gets_a_thread_of_its_own(core):
    core.ask(finding(1, "event-1"), "notify_slack", channel="first")
    core.ask(finding(1, "event-2"), "notify_slack", channel="second")
    assert core.slack.channels == ["first", "second"]


def test_a_site_that_is_gone_is_replaced_by_the_one_the_alert_names_now(core):
    core.ask(finding(1, "event-1"), jira_site="jira")
    core.client().request("DELETE", "configs/conf-cloudtrail_responder_jira_site/jira")
    core.save("jira_site", "new", deployment="cloud", url="https://new.example.com", email="a@example.com")
    core.secret("jira_site", "new", api_token="token")
    assert core.ask(finding(1, "event-2"), jira_site="new").state == "done"
    assert len(core.jira.created) == 2


FOR_A_PERSON = [Curable("No issue type Bug."), NotPermitted("No."), ConfigurationError("No.")]


@pytest.mark.parametrize("error", FOR_A_PERSON, ids=repr)
def test_the_next_run_of_the_alert_tries_again_at_once(core, error):
    core.jira.errors = [(error, False)]
    assert core.ask().waiting_for == "person"
    assert core.ask().state == "done"


def test_the_next_run_of_the_alert_takes_up_what_has_failed_for_good(core):
    core.jira.errors = [(Rejected("Jira refuses the field."), False)]
    assert core.ask().state == "failed"
    core.later = 100_000
    assert core.work() == [], "not by itself"
    assert core.ask().state == "done"


def test_a_saved_setting_takes_up_whatever_has_failed_some_in_each_round(core, monkeypatch):
    """Also where it has not cured those that come first."""
    monkeypatch.setattr(worker, "Services", lambda: core.services)
    monkeypatch.setattr(worker, "MAX_CURED", 2)
    monkeypatch.setattr("responder.engine.due.PAGE", 3)
    worker.run_once(core.client(), core.clock)
    core.jira.errors = [(Rejected("Jira refuses the field."), False) for _ in range(7)]
    keys = [core.record(finding(number)) for number in range(7)]
    for key in keys:
        core.run(key)
    core.save("jira_site", "jira", default_issue_type="Task")
    core.jira.errors = [(Rejected("Jira refuses the field."), False) for _ in range(2)]
    tried: list[str] = []
    for core.later in (30, 60, 90, 120, 150):
        tried += [report.task for report in worker.run_once(core.client(), core.clock) if report.task in keys]
    assert set(tried) == set(keys)
    assert len(tried) <= len(keys) + 2, "none for ever: what was tried while clocks may differ is tried once more"


def test_a_saved_setting_takes_up_what_waits_for_a_person(core, monkeypatch):
    worker_round(core, monkeypatch)
    core.jira.errors = [(Curable("No issue type Bug."), False)]
    core.ask()
    assert worker_round(core, monkeypatch) == []
    core.save("jira_site", "jira", default_issue_type="Task")
    assert worker_round(core, monkeypatch) == ["done"]
    assert len(core.jira.created) == 1


def test_a_saved_setting_takes_up_what_was_given_up(core, monkeypatch):
    worker_round(core, monkeypatch)
    core.jira.errors = [(Curable("No issue type Bug."), False)] * 2
    core.ask()
    core.later = 4 * 86_400
    assert worker_round(core, monkeypatch) == ["failed"]
    core.save("jira_site", "jira", default_issue_type="Task")
    assert worker_round(core, monkeypatch) == ["done"]


def test_a_retry_takes_up_what_has_failed_and_the_audit_says_who_asked(core):
    core.jira.errors = [(Rejected("Jira refuses the field."), False)]
    key = core.record()
    core.run(key)
    status, answer = core.post("retry", {"task": key}, user="ana")
    assert status == 200 and answer["reports"][0]["state"] == "done"
    assert "retry_requested" in core.steps()


@pytest.mark.parametrize("task", ["", "a" * 20 + ".ticket." + "b" * 16, None, 5, "x\ny"], ids=repr)
def test_a_retry_of_nothing_is_refused(core, task):
    status, answer = core.post("retry", {"task": task})
    assert status in (400, 404) and answer["error"]


def test_who_asked_later_counts_even_if_he_asks_as_at_first(core):
    """A parameter is changed and changed back: what the alert says now is done."""
    core.jira.projects = {"SEC"}
    core.jira.errors = [(NotPermitted("No."), False)]
    core.ask(project="SEC")
    core.ask(project="OTHER")
    assert core.ask(project="SEC").state == "done"
    assert [new.project for new in core.jira.created] == ["SEC"]
