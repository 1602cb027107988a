"""A turn is claimed by the write that says what is about to be sent; what was worked out without it does not count."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from core_findings import finding
from responder.cases import snapshot
from responder.cases.keys import follow_up
from responder.cases.outcomes import NothingToDo
from responder.cases.states import State
from responder.cases.store import End, TaskStore
from responder.cases.task import TASKS
from responder.errors import PutOff, Rejected, Unavailable
from responder.splunk.client import Splunkd as Client

from sandbox.faults import Faults


class Between(Client):
    """Lets something happen right before the first insert of a turn, which is its claim."""

    def __init__(self, core: Any, happens: Any) -> None:
        super().__init__(core.splunkd.uri, core.splunkd.system_token, pauses=())
        self.happens = happens

    def insert(self, collection: str, document: Any) -> bool:
        if "number" in document and self.happens:
            happens, self.happens = self.happens, None
            happens()
        return super().insert(collection, document)


def test_who_comes_second_to_a_turn_sends_nothing_and_writes_nothing(core):
    key = core.record()
    late = Between(core, lambda: core.run(key))
    (report,) = core.engine(late).run([key])
    assert report.state == "busy"
    assert len(core.jira.created) == 1
    assert core.task(key).state == "done" and len(core.turns()) == 1


def test_the_claim_says_what_is_about_to_be_sent(core):
    key, seen = core.record(), []
    core.jira.stopped = [lambda: seen.extend(core.turns())]
    core.run(key)
    (turn,) = seen
    assert turn["released_at"] == 0 and key in turn["sent"] and "event-1" in turn["sent"]


@pytest.mark.parametrize("fault", ["reset_after", "timeout_after"])
def test_a_claim_whose_answer_is_lost_is_known_by_its_holder(core, fault):
    key = core.record()
    core.splunkd.faults = Faults()
    core.splunkd.faults.add(fault, method="POST", path="data/responder_tasks", count=1)
    client = Client(core.splunkd.uri, core.splunkd.system_token, timeout=2.0, pauses=(0.01,))
    assert core.engine(client).run([key])[0].state == "done"
    assert len(core.jira.created) == 1 and len(core.turns()) == 1


def test_a_task_that_ends_without_an_effect_needs_no_turn(core):
    core.ask(finding(1, "event-1"))
    turns = core.turns()
    again = core.record(finding(1, "event-1"), parameters={"labels": "another"})
    assert core.run(again)[0].state == "done"
    assert core.turns() == turns and len(core.jira.created) == 1


def test_a_task_that_is_recorded_over_by_a_slow_process_is_not_done_again(core):
    """Two search heads record the same at once; one of them writes only after the other has done it."""
    key = core.record()
    (as_recorded,) = core.tasks()
    core.run(key)
    core.write(TASKS, as_recorded)
    assert core.work() == ["done"]
    assert len(core.jira.created) == 1
    assert core.task(key).final and core.work() == []


def test_a_document_that_splunkd_does_not_take_keeps_nobody_elses_from_being_written(core):
    good, bad = core.task(core.record(1)).to_document(), core.task(core.record(2)).to_document()
    store = TaskStore(core.client(), core.clock, writers=lambda: 2)
    with ThreadPoolExecutor(2) as pool:
        written = pool.submit(store.save, {**good, "message": "written"})
        refused = pool.submit(store.save, {**bad, "due_at": "never"})
    assert written.exception() is None and isinstance(refused.exception(), Rejected)
    assert core.task(good["_key"]).message == "written"


def test_a_report_waits_until_the_outcome_it_is_about_can_be_read_here(core):
    """A search head whose copy lags behind still shows the outcome before."""
    from responder.handlers.registry import notifications

    core.ask(name="create_ticket")
    remediation = core.record(name="remediate", parameters={"playbook": ""}, playbook="some_playbook")
    core.run(remediation)
    task = core.task(remediation)
    assert task.outcome is not None
    report = next(t for t in notifications(task, task.turn + 1, "done") if t.kind == "ticket.remediation")
    core.store().record(report)
    (waits,) = core.run(report.key)
    assert (waits.state, waits.waiting_for) == ("waiting", "time")
    assert "has not ended yet" in waits.message


@pytest.mark.parametrize("outcome", [NothingToDo(), None], ids=["nothing", "damaged"])
@pytest.mark.parametrize("status", ["proved", ""])
def test_a_report_of_what_has_come_to_something_else_waits_for_nothing(core, outcome, status):
    """As where a change is proved and undone in one moment: the proof's turn is lost, and then there is none."""
    from responder.handlers.registry import notifications

    for action in ("create_ticket", "notify_slack"):
        core.ask(name=action)
    remediation = core.record(name="remediate", parameters={"playbook": ""}, playbook="some_playbook")
    core.run(remediation)
    task = core.task(remediation)
    task.outcome, task.state = outcome, State.DONE
    core.client().save_many(TASKS, [task.to_document()])
    reports = [one for one in notifications(task, task.turn, status) if one.kind.endswith(".remediation")]
    for report in reports:
        core.store().record(report)
    said, told = [core.run(report.key)[0] for report in reports], len(core.jira.comments) + len(core.slack.texts)
    assert len(said) >= 2 and {one.state for one in said} == {"done"}, said
    core.later = 3600
    core.work()
    assert len(core.jira.comments) + len(core.slack.texts) == told


@pytest.mark.parametrize("kind, said", [("ticket.watchers", "to watch"), ("ticket.rows", "to attach the results to")])
def test_what_follows_a_ticket_that_was_never_opened_waits_for_nothing(core, kind, said):
    """As where the finding is excused between the moment it is recorded and the end of the ticket's task."""
    ticket = core.task(core.ask().task)
    ticket.outcome = NothingToDo()
    core.client().save_many(TASKS, [ticket.to_document()])
    request = {"about": ticket.key, "jira_site": ""}
    after = ticket.following(follow_up(ticket.case_id, "ticket", kind, ticket.key), kind, request, ticket.service)
    core.store().record(after)
    assert [(one.state, one.message) for one in core.run(after.key)] == [("done", f"There is no ticket {said}.")]


class TestFindingsWithoutEventIds:
    def test_two_resources_at_the_same_time_are_two_occurrences(self, core):
        for resource in ("bucket-1", "bucket-2"):
            core.ask(finding(1, event_ids=(), object_id=resource))
        assert len(core.jira.created) + len(core.jira.comments) == 2

    def test_without_times_only_the_same_finding_is_the_same_occurrence(self, core):
        for user in ("ana", "ana", "ben"):
            core.ask(finding(1, event_ids=(), first_time=0.0, last_time=0.0, user=user))
        assert len(core.jira.created) + len(core.jira.comments) == 2


def test_splunkd_that_fails_in_the_middle_leaves_the_lane_to_the_next(core):
    key = core.record()
    core.splunkd.faults = Faults()
    # The claim is taken, what comes after the effect is not.
    core.splunkd.faults.add("status", method="POST", path="responder_tasks/batch_save", status=500, count=1)
    core.run(key)
    core.splunkd.faults = Faults()
    assert len(core.jira.created) == 1
    core.later = 300
    assert core.run(key)[0].state == "done"
    assert len(core.jira.created) == 1


def test_a_flood_in_a_hundred_cases_takes_one_claim_each_and_little_else(core):
    rows = [{"signature_id": "some_detection", "dedup_key": f"key-{n}", "event_ids": f"event-{n}"} for n in range(100)]
    numbered = [{"number": number, "row": row} for number, row in enumerate(rows)]
    body = {"action": "create_ticket", "parameters": {"project": "SEC"}, "rows": numbered, "run": 60}
    core.splunkd.requests.clear()
    status, answer = core.post("record", {**body, "search_name": "Alert", "app": "search", "sid": "1.1"})
    assert status == 200 and {report["state"] for report in answer["reports"]} == {"done"}
    claims = [request for request in core.splunkd.requests if _is_insert(request)]
    others = [request for request in core.splunkd.requests if not _is_insert(request)]
    assert len(claims) == 100 and len(others) <= 60


def _is_insert(request: Any) -> bool:
    return request.method == "POST" and request.path.endswith("/data/responder_tasks")


def test_a_single_finding_takes_few_requests(core):
    core.ask(2)
    core.splunkd.requests.clear()
    row = {"signature_id": "some_detection", "dedup_key": "key-1", "event_ids": "event-1"}
    body = {"action": "create_ticket", "parameters": {"project": "SEC"}, "rows": [{"number": 1, "row": row}], "run": 60}
    _, answer = core.post("record", {**body, "search_name": "Alert", "app": "search", "sid": "1.1"})
    assert answer["reports"][0]["state"] == "done"
    paths = [request.path.rpartition("/")[2] for request in core.splunkd.requests]
    assert len(paths) <= 12, paths


def test_a_service_that_is_away_costs_one_write_for_each_lane_and_no_more(core):
    core.jira.errors = [(Unavailable("away"), False)] * 20
    keys = [core.record(number) for number in range(20)]
    core.splunkd.requests.clear()
    core.run(*keys)
    assert len([request for request in core.splunkd.requests if request.method == "POST"]) <= 40


def test_a_request_that_is_put_off_is_the_newest_all_the_same(core, monkeypatch):
    """The alert was set back to its first labels while Jira was away."""

    def away(service: str) -> None:
        raise PutOff("Jira is left alone.", "The app comes back to it.", 30)

    with monkeypatch.context() as outage:
        outage.setattr(core.services, "gate", away)
        for core.later, labels in ((0, "first"), (60, "second"), (120, "first")):
            assert core.ask(labels=labels).state == "waiting"
    core.later = 200
    assert core.work() == ["done", "done"]
    (ticket,) = core.jira.created
    assert "first" in ticket.labels and "second" not in ticket.labels


def test_a_case_with_thousands_of_tasks_is_not_opened_again(core, monkeypatch):
    """Such a case is not read whole, and what was not read is not taken for missing."""
    monkeypatch.setattr(snapshot, "MOST_OF_A_CASE", 1)
    core.record(finding(1, "event-1"))
    (opened,) = core.documents("responder_cases")
    core.record(finding(1, "event-2", signature="Another name"))
    assert core.documents("responder_cases") == [opened]


def test_a_lane_whose_end_cannot_be_written_takes_no_other_along(core):
    good = core.task(core.record(1)).to_document()
    store = TaskStore(core.client(), core.clock, writers=lambda: 2)

    def fails(indexed: bool) -> Any:
        raise TypeError("not JSON")

    with ThreadPoolExecutor(2) as pool:
        written = pool.submit(store.end, End([], "main", lambda indexed: [{**good, "message": "written"}]))
        failed = pool.submit(store.end, End([], "main", fails))
    assert written.exception() is None and isinstance(failed.exception(), TypeError)
    assert core.task(good["_key"]).message == "written"
