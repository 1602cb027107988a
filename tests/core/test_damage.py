"""A damaged document is its own trouble: it ends, keeps nobody waiting, and forges no log line."""

from __future__ import annotations

import json
import logging

import pytest
from core_findings import finding
from responder.cases.task import TASKS
from responder.errors import UnknownOutcome

DEEP = "[" * 14_000 + "]" * 14_000

DAMAGE = [
    {"request": "{broken"},
    {"request": "[]"},
    {"request": DEEP},
    {"event_ids": "5"},
    {"event_ids": DEEP},
    {"kind": "unknown.kind"},
    {"kind": "slack.finding"},
    {"state": "no such state"},
    {"waiting_for": "nobody"},
    {"outcome": '{"type": "unheard of"}'},
    {"outcome": DEEP},
    {"audit": "[1"},
    {"audit": '[{"time": "soon"}]'},
    {"alert": "[]"},
    {"finding": "{broken"},
    {"finding": "[]"},
    {"finding": DEEP},
    {"finding": '{"signature_id": "x"}'},
    {"finding": '{"signature_id": "some_detection", "dedup_key": "k", "vendor_region": "example.com/"}'},
    {"finding": '{"signature_id": "some_detection", "dedup_key": "k", "detail": "text"}'},
    {"finding": ""},
]


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: str(damage)[:60])
def test_a_damaged_task_ends_and_keeps_nobody_waiting(core, damage):
    broken, same_lane, other = core.record(finding(1, "event-1")), core.record(finding(1, "event-2")), core.record(2)
    document = next(d for d in core.tasks() if d["_key"] == broken)
    core.write("responder_tasks", {**document, **damage, "created_at": document["created_at"] - 10 * 86_400})
    reports = {report.task: report.state for report in core.run(broken, same_lane, other)}
    assert reports[same_lane] == reports[other] == "done", core.run(broken, same_lane, other)
    assert reports[broken] == "failed"
    core.later = 100
    assert core.work() == [], "it is closed, not tried for ever"


@pytest.mark.extended
@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: str(damage)[:60])
def test_a_task_that_is_damaged_while_its_outcome_is_in_doubt_keeps_nobody_waiting(core, damage):
    broken = core.record(finding(1, "event-1"))
    core.jira.errors.append((UnknownOutcome("Jira did not answer.", ""), False))
    core.run(broken)
    same_lane = core.record(finding(1, "event-2"))
    document = next(d for d in core.tasks() if d["_key"] == broken)
    core.write(TASKS, {**document, **damage})
    for later in (400, 800):
        core.later = later
        reports = {report.task: report.state for report in core.run(broken, same_lane)}
    assert reports[same_lane] == "done"
    assert core.task(same_lane).final
    core.later = 1200
    assert core.work() == [], "neither is tried for ever"


@pytest.mark.parametrize("key", ["nobody", "x\ny", "0" * 20 + ".ticket", "a b", "0" * 20 + ".remediate.x\nINFO forged"])
def test_a_key_that_is_none_of_ours_is_closed_and_forges_no_log_line(core, key, caplog):
    (good,) = [core.record()]
    (document,) = core.tasks()
    core.client().insert("responder_tasks", {**document, "_key": key})
    with caplog.at_level(logging.DEBUG):
        assert sorted(core.work()) == ["done", "failed"]
    assert all("\n" not in record.getMessage() for record in caplog.records)
    core.later = 100
    assert core.work() == []
    assert core.task(good).final


def test_a_stored_message_cannot_forge_a_log_line(core):
    key = core.record()
    (document,) = core.tasks()
    core.write("responder_tasks", {**document, "state": "done", "message": "ok\n2026-01-01 INFO forged"})
    assert "\n" not in core.run(key)[0].message


@pytest.mark.parametrize("damage", [{"sent": "[[[["}, {"results": "[]"}, {"sent": "[5]"}], ids=str)
def test_a_damaged_turn_keeps_nobody_waiting_for_ever(core, damage):
    key = core.record()
    core.run(key)
    (turn,) = core.turns()
    core.write(TASKS, {**turn, **damage})
    assert core.ask(finding(1, "event-2")).state == "done"
    assert core.jira.listed() == ["event-1", "event-2"]


def test_an_outcome_of_a_newer_version_is_read_as_far_as_it_is_known(core):
    key = core.record()
    core.run(key)
    (document,) = core.tasks()
    outcome = {**json.loads(document["outcome"]), "a_field_of_tomorrow": 1}
    core.write("responder_tasks", {**document, "outcome": json.dumps(outcome)})
    assert core.ask(finding(1, "event-2")).state == "done"
    assert len(core.jira.created) == 1
