"""Notifiers beside Slack: each event once at each of them, whatever gets lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from core_findings import finding
from responder.errors import Unavailable
from responder.remediation import runner
from responder.remediation.outcome import Outcome
from responder.splunk.client import Splunkd as Client

from sandbox.teams import TeamsStandIn
from sandbox.webhook import WebhookStandIn

HOUR = 3600
KEY = "AKIAIOSFODNN7EXAMPLE"


@pytest.fixture
def soar(core: Any) -> Iterator[WebhookStandIn]:
    """A receiver, and the entry of it."""
    with WebhookStandIn() as receiver:
        core.save("notifier", "soar", type="webhook")
        core.secret("notifier", "soar", webhook_url=receiver.webhook_url, signing_secret=receiver.secrets[0])
        yield receiver


@pytest.fixture
def teams(core: Any) -> Iterator[TeamsStandIn]:
    with TeamsStandIn() as standin:
        core.save("notifier", "teams", type="teams")
        core.secret("notifier", "teams", webhook_url=standin.webhook_url)
        yield standin


@pytest.fixture
def remediates(core: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a remediation of case 1, which succeeds, and the reports of it."""

    def run(request: Any, ports: Any) -> Outcome:
        return Outcome("deactivate_access_key", "enforce", "done", "Deactivated it.", (), "", ports.clock())

    monkeypatch.setattr(runner, "run", run)
    return lambda: core.ask(finding(1, access_key_id=KEY), "remediate", playbook="deactivate_access_key")


def notify(core: Any, *events: str, **parameters: str) -> Any:
    return core.ask(finding(1, *events), "notify", **parameters)


def notify_tasks(core: Any) -> list[str]:
    return [task["kind"] for task in core.tasks() if task["kind"].startswith("notify.")]


# What is sent


def test_a_case_is_told_once_and_new_events_of_it_later(core, soar):
    assert notify(core, "event-1").state == "done"
    assert notify(core, "event-1").state == "done"
    assert notify(core, "event-1", "event-2").state == "done"
    first, second = soar.events
    assert (first.kind, first.data["finding"]["event_ids"]) == ("finding", ["event-1"])
    assert (second.kind, second.data["finding"]["event_ids"]) == ("recurrence", ["event-2"])
    assert first.subject == second.subject == first.data["case"] and soar.repeats == soar.refused == []
    assert core.steps().count("notified") == 2


def test_what_comes_within_the_throttle_period_is_one_message_when_it_is_over(core, soar):
    for number in range(4):
        core.later = number * 60
        about = finding(1, f"event-{number}", throttle_seconds=float(HOUR))
        core.run(core.record(about, "notify"))
    assert len(soar.events) == 1
    core.later = HOUR + 1
    core.work()
    _, digest = soar.events
    assert digest.data["finding"]["event_ids"] == ["event-1", "event-2", "event-3"]


def test_two_notifiers_are_told_independently(core, soar, teams):
    assert notify(core, "event-1", notifier="soar").state == "done"
    assert notify(core, "event-1", notifier="teams").state == "done"
    assert len(soar.events) == 1 and "event-1" in teams.cards[0].text and teams.failed == []


def test_of_several_notifiers_the_alert_names_one(core, soar, teams):
    report = notify(core)
    assert (report.state, report.waiting_for) == ("waiting", "person")
    assert "No notifier is chosen." in report.message
    assert "no notifier named 'pager'" in notify(core, notifier="pager").message


def test_what_the_alerts_owner_wrote_stands_in_card_and_event(core, soar, teams):
    for notifier in ("soar", "teams"):
        notify(core, "event-1", notifier=notifier, title="Look: {signature}", text="Call {vendor_account}.")
    assert soar.events[0].data["title"] == "Look: Some detection"
    assert soar.events[0].data["text"] == "Call 123456789012."
    assert teams.cards[0].lines[:2] == ["🔵 Look: Some detection", "Call 123456789012."]


def test_a_name_that_no_notifier_can_have_is_refused(core, soar):
    rows = [{"number": 1, "row": {"signature_id": "some_detection", "dedup_key": "b"}}]
    for name in ("a:b", "x" * 60, "no such", "1st"):
        about = {"action": "notify", "search_name": "A", "app": "a", "sid": "1", "rows": rows}
        _, answer = core.post("record", {**about, "parameters": {"notifier": name}})
        assert "is not the name of a notifier" in answer["rows"][0]["error"]


# Lost answers


@pytest.mark.parametrize(("fault", "repeats"), [("reset_after", 1), ("reset", 0)])
def test_what_was_sent_without_an_answer_is_sent_again_as_it_was(core, soar, fault, repeats):
    soar.faults.add(fault)
    assert notify(core, "event-1").state == "unknown"
    # What comes meanwhile waits behind it, and is no part of it.
    notify(core, "event-2")
    assert len(soar.requests) == 1
    core.later = 61
    core.work()
    core.work()
    assert [event.data["finding"]["event_ids"] for event in soar.events] == [["event-1"], ["event-2"]]
    assert soar.repeats == [soar.events[0].id] * repeats
    assert {task["state"] for task in core.tasks()} == {"done"}


def test_a_digest_that_was_lost_is_sent_again_about_the_same_events(core, soar):
    notify(core, "event-0")
    soar.faults.add("reset_after")
    waiting = [core.record(finding(1, f"event-{number}"), "notify") for number in (1, 2)]
    core.run(waiting[0])
    core.record(finding(1, "event-3"), "notify")
    core.later = 61
    core.work()
    core.work()
    told = [event.data["finding"]["event_ids"] for event in soar.events]
    assert told == [["event-0"], ["event-1", "event-2"], ["event-3"]] and len(soar.repeats) == 1


def test_people_see_by_its_id_that_a_card_is_the_same(core, teams):
    """A workflow keeps no ids: rather twice than never."""
    teams.faults.add("reset_after")
    notify(core)
    core.later = 61
    core.work()
    first, again = teams.cards
    assert first.message == again.message and first.lines == again.lines


def test_as_long_as_answers_are_lost_it_is_sent_less_and_less_often(core, soar):
    soar.faults.add("reset_after", count=None)
    key = core.record(finding(1), "notify")
    core.run(key)
    pauses = []
    for _ in range(2):
        due = core.task(key).due_at
        core.later += due - core.clock() + 1
        core.run(key)
        pauses.append(round(core.task(key).due_at - core.clock()))
        assert core.task(key).state.value == "unknown"
    assert pauses == [60, 120]
    assert len(soar.events) == 1 and soar.repeats == [soar.events[0].id] * 2


def test_a_process_that_is_killed_while_it_sends_again_loses_and_doubles_nothing(core, soar, monkeypatch):
    soar.faults.add("reset")
    key = core.record(finding(1), "notify")
    core.run(key)
    core.later = 61

    def dead(*_: Any, **__: Any) -> None:
        raise Unavailable("killed")

    received = soar.record

    def killed(exchange: Any) -> None:
        # From here on nothing of the process reaches the KV store.
        monkeypatch.setattr(Client, "replace", dead)
        monkeypatch.setattr(Client, "submit", dead)
        monkeypatch.setattr(Client, "save_many", dead)
        received(exchange)

    monkeypatch.setattr(soar._server, "receive", killed)
    core.run(key)
    assert len(soar.events) == 1
    monkeypatch.undo()
    core.later = 61 + 400
    core.run(key)
    assert core.task(key).state.value == "done"
    assert len(soar.events) == 1 and soar.repeats == [soar.events[0].id]


def test_an_entry_that_is_deleted_while_an_answer_is_missing_holds_up_nobody(core, soar, teams):
    soar.faults.add("reset_after")
    notify(core, "event-1", notifier="soar")
    core.client().request("DELETE", "configs/conf-cloudtrail_responder_notifier/soar")
    core.later = 61
    core.work()
    assert notify(core, "event-1", notifier="teams").state == "done"
    assert len(teams.cards) == 1


# Refusals


def test_it_waits_as_long_as_the_receiver_asks_for(core, soar):
    soar.faults.add("rate_limit", retry_after=100)
    key = core.record(finding(1), "notify")
    (report,) = core.run(key)
    assert (report.state, report.waiting_for) == ("waiting", "service")
    assert 99 <= core.task(key).due_at - core.clock() <= 121
    assert soar.events == []


def test_an_address_that_is_gone_waits_for_a_person_and_is_tried_once_it_is_corrected(core, soar):
    soar.faults.add("status", status=410)
    report = notify(core)
    assert (report.state, report.waiting_for) == ("waiting", "person") and "Webhook URL" in report.message
    assert notify(core).state == "done"
    assert len(soar.events) == 1


# Remediations


def test_a_remediation_that_comes_first_stands_in_the_message(core, soar, remediates):
    remediates()
    core.work()
    notify(core)
    (event,) = soar.events
    assert [one["status"] for one in event.data["remediations"]] == ["done"]


def test_each_notifier_that_was_told_hears_of_a_remediation_though_one_is_away(core, soar, teams, remediates):
    for notifier in ("soar", "teams"):
        notify(core, notifier=notifier)
    teams.faults.add("status", status=429, count=2)
    remediates()
    core.work()
    assert [event.kind for event in soar.events] == ["finding", "remediation"]
    assert soar.events[1].data["remediation"]["message"] == "Deactivated it."
    assert len(teams.cards) == 1
    for core.later in (600, 4000):
        core.work()
    assert "Deactivated it." in teams.cards[-1].text
    assert len(teams.cards) == 2 and len(soar.events) == 2


def test_a_report_whose_answer_is_lost_is_sent_again_as_it_was(core, soar, remediates):
    notify(core)
    soar.faults.add("reset_after")
    remediates()
    core.later = 61
    core.work()
    assert [event.kind for event in soar.events] == ["finding", "remediation"]
    assert soar.repeats == [soar.events[1].id]


def test_what_a_message_tells_that_comes_late_is_not_reported_once_more(core, soar, remediates):
    soar.faults.add("status", status=429)
    notify(core)
    remediates()
    core.later = 600
    core.work()
    (event,) = soar.events
    assert [one["status"] for one in event.data["remediations"]] == ["done"]
    assert {task["state"] for task in core.tasks()} == {"done"}


def test_without_a_notifier_a_remediation_records_nothing_for_them(core, remediates):
    remediates()
    assert notify_tasks(core) == []


def test_with_one_a_case_that_nobody_was_told_of_costs_one_task_that_ends_by_itself(core, soar, remediates):
    remediates()
    core.work()
    assert notify_tasks(core) == ["notify.remediation"] and soar.requests == []
    assert {task["state"] for task in core.tasks() if task["kind"] == "notify.remediation"} == {"done"}
