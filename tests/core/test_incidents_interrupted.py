"""Incidents and digests, whatever happens in between: processes die, race, and wait for services."""

from __future__ import annotations

from typing import Any

import pytest
from incident_runs import DETECTIONS, HOUR, T0, alert, description, group, many, row
from responder.cases import incidents
from responder.cases.recording import Recorder
from responder.errors import Unavailable, UnknownOutcome
from responder.splunk.client import Splunkd as Client


@pytest.fixture(autouse=True)
def grouping(core: Any) -> None:
    group(core)


def test_a_process_that_dies_after_it_has_claimed_leaves_the_same_incident(core, monkeypatch):
    alert(core, row("trail_stopped", "a"))
    record, died = Recorder.record_many, list[bool]()

    def dies(self: Any, *given: Any, **more: Any) -> Any:
        if not died:
            died.append(True)
            raise Unavailable("It was killed.", "")
        return record(self, *given, **more)

    monkeypatch.setattr(Recorder, "record_many", dies)
    body = row("user_created", "b", T0 + 20 * HOUR)
    with pytest.raises(AssertionError):
        alert(core, body, sid="again")
    incidents._read_lately._values.clear()
    alert(core, body, sid="again")
    alert(core, row("key_created", "c", T0 + 40 * HOUR))
    assert died and len(core.jira.created) == 1 and len(core.jira.texts) == 2


@pytest.mark.parametrize("rows", [[row("trail_stopped", "a")], many(12)], ids=["incident", "digest"])
def test_two_search_heads_at_once_make_one(core, monkeypatch, rows):
    other = [{**one, "event_ids": f"other-{n}", "dedup_key": f"other-{n}"} for n, one in enumerate(rows)]
    insert, raced = Client.insert, list[bool]()

    def insert_behind_another(self: Any, collection: str, document: Any) -> bool:
        if collection == incidents.INCIDENTS and not raced:
            raced.append(True)
            alert(core, *other, sid="there", search_name="trail_stopped")
        return bool(insert(self, collection, document))

    monkeypatch.setattr(Client, "insert", insert_behind_another)
    alert(core, *rows, sid="here")
    assert raced and len(core.jira.created) == 1 and len(core.jira.texts) == 1
    alert(core, *rows, *other, sid="later")
    assert len(core.jira.created) == 1 and len(core.jira.texts) == 1


def test_what_is_owed_while_jira_is_away_is_one_ticket_and_one_comment_or_less(core):
    core.jira.errors += [(Unavailable("Jira is away.", ""), False)] * 5
    for number, detection in enumerate(DETECTIONS):
        alert(core, row(detection, f"r-{number}"))
    core.jira.errors.clear()
    core.later = 7200
    core.work()
    (ticket,) = core.jira.created
    assert ticket.summary.startswith("5 cases: ") and core.jira.texts == []
    assert {task["open"] for task in core.tasks()} == {0}


def test_a_ticket_without_an_answer_is_looked_up(core):
    alert(core, row("trail_stopped", "a"))
    core.jira.comment_errors.append(UnknownOutcome("No answer.", ""))
    core.jira.comment_arrives = True
    alert(core, row("user_created", "b"), row("key_created", "c"))
    core.later = 600
    core.work()
    assert len(core.jira.created) == 1 and len(core.jira.texts) == 1


def test_entries_that_cannot_be_read_are_passed_over(core):
    alert(core, row("trail_stopped", "a"))
    (entry,) = core.documents(incidents.INCIDENTS)
    for broken in ({"parent": "../x"}, {"parent": ""}):
        core.write(incidents.INCIDENTS, {**entry, **broken})
        incidents._read_lately._values.clear()
        alert(core, row("user_created", "b"))
        alert(core, row("key_created", "c"))
    assert len(core.jira.created) == 2 and "User created" in description(core, 2)


def test_entries_go_once_no_finding_can_be_about_them(core):
    alert(core, row("trail_stopped", "a"))
    incidents.remove_old(core.client(), core.client().now() + incidents.KEPT - HOUR)
    assert len(core.documents(incidents.INCIDENTS)) == 1
    incidents.remove_old(core.client(), core.client().now() + incidents.KEPT + HOUR)
    assert core.documents(incidents.INCIDENTS) == []
