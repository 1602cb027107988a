"""Retention: what has been over for long goes, once an hour, and never what somebody may still need."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from core_findings import finding
from responder.cases.keys import Lane
from responder.cases.task import Attempt
from responder.errors import ConfigurationError, NotPermitted, Unavailable
from responder.inputs import retention
from responder.remediation.approvals import record as decide
from responder.remediation.evidence import EvidenceStore
from responder.remediation.model import Call, Resource, Step
from responder.remediation.verdicts import Decision, Policy
from responder.splunk.client import Splunkd as Client

from sandbox.faults import Faults

DAY = 86_400.0
OURS = ("cases", "tasks", "evidence", "approvals")


def sweep(core: Any, days: float = 401) -> int:
    """A round of retention so many days later. Each is an hour after the one before."""
    core.later = max(days * DAY, core.later + 3600)
    return retention.run_when_due(core.client(), core.clock)


def left(core: Any) -> dict[str, int]:
    """How many documents each collection of ours still has."""
    counts = {name: len(core.documents(f"responder_{name}")) for name in OURS}
    return {name: count for name, count in counts.items() if count}


class KeptEvidence(EvidenceStore):
    """Keeps the client, which stores of evidence share and hold by a weak reference only."""

    def __init__(self, core: Any, task: str) -> None:
        self.client = core.client()
        super().__init__(self.client, task, core.clock)


def remediated(core: Any, number: int = 1) -> tuple[str, EvidenceStore]:
    """A remediation that has ended, and its evidence."""
    key = core.record(finding(number, recommended_playbook="revoke_open_ingress"), "remediate")
    task = core.task(key)
    core.write("responder_tasks", {**task.to_document(), "state": "done", "open": 0, "due_at": 0, "audit": ""})
    return key, KeptEvidence(core, key)


def intend(evidence: EvidenceStore) -> Any:
    resource = Resource("sg-1", "AWS::EC2::SecurityGroup", "123456789012", "us-east-1")
    step = Step("rule", True, False, Call("ec2", "revoke_security_group_ingress", {}))
    return evidence.intend("revoke_open_ingress", resource, step, True)


def test_what_is_over_goes_with_all_that_belongs_to_it(core):
    for number in range(3):
        core.ask(number)
    core.ask(1, "notify_slack")
    key, evidence = remediated(core, 2)
    evidence.conclude(intend(evidence), "done")
    decide(core.client(), Decision(key, "digest", "ask", "approve", "ann", core.clock()), Policy())
    assert set(left(core)) == set(OURS)
    assert sweep(core) == 5
    assert left(core) == {}
    assert "ticket_created" in core.steps(), "the audit stays in the index"


def test_nothing_goes_before_its_time(core):
    core.ask()
    before = left(core)
    assert sweep(core, 399) == 0 and left(core) == before
    assert sweep(core, 401) == 1


def test_the_time_is_that_of_the_general_tab(core):
    core.ask()
    core.save("settings", "general", retention_days="30")
    assert sweep(core, 29) == 0
    assert sweep(core, 31) == 1


def test_a_time_that_is_none_removes_nothing(core):
    core.ask()
    core.save("settings", "general", retention_days="soon")
    before = left(core)
    with pytest.raises(ConfigurationError, match="Days to keep closed cases"):
        sweep(core)
    assert left(core) == before


def test_one_search_head_does_it_once_an_hour(core):
    core.ask()
    core.later = 401 * DAY
    assert [retention.run_when_due(core.client(), core.clock) for _ in range(2)] == [1, 0]
    core.ask(2)
    assert retention.run_when_due(core.client(), core.clock) == 0


def test_marks_of_hours_gone_by_do_not_pile_up(core):
    for _ in range(30):
        sweep(core)
    marks = [mark for mark in core.documents("responder_marks") if mark["value"] == retention.CLAIM]
    assert len(marks) <= 25


@pytest.mark.parametrize("name", ["create_ticket", "notify_slack"])
def test_a_case_with_an_open_task_keeps_everything(core, name):
    core.ask(1)
    core.jira.comment_errors, core.slack.errors = [NotPermitted("no")], [NotPermitted("no")]
    assert core.ask(finding(1, "event-2"), name).state == "waiting"
    before = left(core)
    assert sweep(core) == 0 and left(core) == before


def test_a_case_that_goes_on_keeps_its_ticket_and_its_thread(core):
    for name in ("create_ticket", "notify_slack"):
        for event in ("event-1", "event-2", "event-3"):
            core.ask(finding(1, event), name)
    core.later = 401 * DAY
    core.ask(finding(1, "event-4"))
    assert sweep(core) == 4, "the comments and the answers"
    core.ask(finding(1, "event-5"))
    core.ask(finding(1, "event-5"), "notify_slack")
    assert len(core.jira.created) == 1 and len(core.jira.comments) == 4
    assert core.slack.markers and len(core.slack.texts) == 4
    threads = [json.loads(task["outcome"]) for task in core.tasks() if '"thread_ts": "1"' in task["outcome"]]
    assert threads, "the newest answer went to the thread of the first message"


def test_the_turns_of_a_lane_that_goes_on_are_numbered_on(core):
    for event in ("event-1", "event-2"):
        core.ask(finding(1, event))
    core.later = 401 * DAY
    core.ask(finding(1, "event-3"))
    numbers = [turn["number"] for turn in core.turns()]
    sweep(core)
    assert [turn["number"] for turn in core.turns()][: len(numbers)] == numbers
    core.ask(finding(1, "event-4"))
    assert core.turns()[-1]["number"] > max(numbers)


def test_what_may_have_been_done_is_kept(core):
    """Its holder died between the note and the outcome, and nobody has come since."""
    key = core.record()
    turn = core.hold(key)
    turn.send(Attempt(key, "create", core.clock(), event_ids=("event-1",), where={"site": "jira", "project": "SEC"}))
    # Whatever its document says.
    core.write("responder_tasks", {**core.tasks()[0], "state": "done", "open": 0, "due_at": 0, "audit": ""})
    assert sweep(core) == 0
    assert len(core.tasks()) == 1 and any(turn["sent"] for turn in core.turns())


def test_what_still_owes_its_audit_events_is_kept(core):
    core.splunkd.faults = Faults()
    rule = core.splunkd.faults.add("status", method="POST", path="receivers/simple", status=500, count=None)
    core.ask()
    assert sweep(core) == 0 and len(core.tasks()) == 1
    core.splunkd.faults.clear(rule)
    core.work()
    assert sweep(core, 803) == 1


def test_a_lane_that_somebody_works_on_is_left_alone(core):
    core.ask()
    core.later = 401 * DAY
    core.next_turn(Lane(finding(1).case_id, "ticket"))
    before = left(core)
    assert retention.run_when_due(core.client(), core.clock) == 0 and left(core) == before


def test_a_write_to_aws_without_a_known_end_is_kept(core):
    _, evidence = remediated(core)
    intend(evidence)
    core.ask(1), core.ask(2)
    assert sweep(core) == 1, "the other case"
    assert left(core)["evidence"] == 1 and len(core.tasks()) == 2, "with the ticket of its case"


def test_a_remediation_that_was_worked_on_within_the_time_can_still_be_undone(core):
    _, evidence = remediated(core)
    entry = intend(evidence)
    core.later = 390 * DAY
    evidence.conclude(entry, "done")
    assert sweep(core, 401) == 0 and left(core)["evidence"] == 2
    assert sweep(core, 791) == 1 and left(core) == {}


def test_evidence_that_cannot_be_read_is_kept(core):
    key, evidence = remediated(core)
    evidence.conclude(intend(evidence), "done")
    (document, *_) = core.documents("responder_evidence")
    core.write("responder_evidence", {**document, "version": 99})
    assert sweep(core) == 0 and left(core)["evidence"] == 2 and core.task(key)


def test_a_document_that_cannot_be_read_keeps_its_case_and_no_other(core):
    for event in ("event-1", "event-2"):
        core.ask(finding(1, event))
    core.ask(2)
    core.write("responder_tasks", {**core.tasks()[0], "outcome": "no json"})
    damaged = core.tasks()[0]["case_id"]
    sweep(core)
    assert {task["case_id"] for task in core.tasks()} == {damaged}


def test_what_is_kept_does_not_hide_what_lies_behind_it(core, monkeypatch):
    """One bite a round, and the oldest cannot go."""
    now = [0.0]

    def monotonic() -> float:
        now[0] += 40
        return now[0]

    monkeypatch.setattr(retention, "time", SimpleNamespace(monotonic=monotonic))
    monkeypatch.setattr(retention, "BITE", 1)
    _, evidence = remediated(core)
    intend(evidence)
    for number in range(2, 5):
        core.ask(number)
    for _ in range(6):
        sweep(core)
    assert len(core.tasks()) == 1 and left(core)["evidence"] == 1


class Stopping(Client):
    """Stops the process at one of its writes, before that reaches splunkd or after."""

    left = 0
    after = False

    def request(self, method: str, *args: Any, **more: Any) -> tuple[int, bytes]:
        if method == "GET":
            return super().request(method, *args, **more)
        self.left -= 1
        if self.left < 0 and not (self.left == -1 and self.after):
            raise Unavailable("killed")
        answer = super().request(method, *args, **more)
        if self.left < 0:
            raise Unavailable("killed")
        return answer


@pytest.mark.extended
@pytest.mark.parametrize("after", [True, False])
def test_it_may_be_stopped_at_any_point(core, after):
    for writes in range(60):
        core.ask(writes), core.ask(finding(writes, "again")), core.ask(writes, "notify_slack")
        _, evidence = remediated(core, writes)
        evidence.conclude(intend(evidence), "done")
        core.later += 401 * DAY
        stopping = Stopping(core.splunkd.uri, core.splunkd.system_token, pauses=())
        stopping.left, stopping.after = writes, after
        try:
            retention.run_when_due(stopping, core.clock)
        except Unavailable:
            numbers = {turn["lane"]: turn["number"] for turn in core.turns()}
            for task in core.tasks():
                assert task["turn"] <= numbers.get(task["lane"], 0), "the turns of a task that is there protect it"
        else:
            assert writes > 10 and left(core) == {}
            return
        for _ in range(2):
            # The first may find turns of the one that was stopped.
            core.later += 3600
            retention.run_when_due(core.client(), core.clock)
        assert left(core) == {}, f"stopped at write {writes}"
    raise AssertionError("it never came to its end")


def test_findings_that_come_meanwhile_are_recorded_and_reported(core, monkeypatch):
    core.ask(finding(1, "event-1"))
    delete = core.client().__class__.delete_where

    def recorded_meanwhile(client: Any, collection: str, query: Any) -> None:
        if collection == "responder_evidence" and len(core.tasks()) == 1:
            core.record(finding(1, "event-2"))
        delete(client, collection, query)

    monkeypatch.setattr("responder.splunk.client.Splunkd.delete_where", recorded_meanwhile)
    assert sweep(core) == 1
    assert core.work() == ["done"]
    assert core.jira.listed() == ["event-1", "event-2"] and len(core.documents("responder_cases")) == 1
