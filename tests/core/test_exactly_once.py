"""Nothing twice, nothing lost: whatever goes wrong around an effect, it is looked up and never repeated blindly."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from core_findings import finding
from eventually import eventually
from responder.cases.states import State
from responder.cases.task import TASKS
from responder.errors import ConfigurationError, NotPermitted, Unavailable, UnknownOutcome

from sandbox.faults import Faults

BOTH = pytest.mark.parametrize("name", ["create_ticket", "notify_slack"])


def sent(core: Any, name: str) -> int:
    return len(core.jira.created) if name == "create_ticket" else len(core.slack.texts)


def test_ten_engines_at_once_create_one_ticket(core):
    key = core.record()
    core.jira.slow = 0.2
    start = threading.Barrier(10)

    def run(_: int) -> str:
        start.wait()
        return core.run(key)[0].state

    with ThreadPoolExecutor(10) as pool:
        states = list(pool.map(run, range(10)))
    assert len(core.jira.created) == 1
    assert set(states) <= {"done", "busy"} and "done" in states


def test_ten_search_heads_that_record_the_same_finding_record_one_task(core):
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: core.record(), range(10)))
    assert len(core.tasks()) == 1


@pytest.mark.parametrize("happened", [True, False], ids=["it-happened", "it-did-not"])
def test_a_lost_answer_is_looked_up_before_the_ticket_is_created_again(core, happened):
    core.jira.errors = [(UnknownOutcome("No answer."), happened)]
    key = core.record()
    assert core.run(key)[0].state == "unknown"
    assert core.run(key)[0].state == "unknown", "too early: the search index lags"
    core.later = 61
    assert core.run(key)[0].state == "done"
    assert len(core.jira.created) == 1


def test_a_lost_answer_of_slack_is_looked_up_before_the_message_is_posted_again(core):
    core.slack.errors, core.slack.arrives = [UnknownOutcome("No answer.")], True
    key = core.record(name="notify_slack")
    assert core.run(key)[0].state == "unknown"
    core.later = 61
    assert core.run(key)[0].state == "done"
    assert len(core.slack.texts) == 1


@BOTH
@pytest.mark.parametrize("error", [RuntimeError("a fault of ours"), KeyError("id"), TypeError("None")], ids=repr)
def test_a_fault_of_ours_after_the_effect_leaves_it_unknown(core, name, error):
    core.jira.errors = [(error, True)]
    core.slack.errors, core.slack.arrives = [error], True
    key = core.record(name=name)
    assert core.run(key)[0].state == "unknown"
    core.later = 61
    assert core.work() == ["done"]
    assert sent(core, name) == 1


@pytest.mark.parametrize("error", [Unavailable("Search is away."), NotPermitted("No."), RuntimeError("fault")], ids=str)
def test_a_look_up_that_fails_leaves_the_outcome_unknown(core, error):
    core.jira.errors = [(UnknownOutcome("No answer."), True)]
    core.jira.find_errors = [error]
    key = core.record()
    core.run(key)
    core.later = 61
    assert core.work() == ["unknown"]
    core.later = 3600
    assert core.work() == ["done"]
    assert len(core.jira.created) == 1


def test_while_an_outcome_is_unknown_nothing_else_of_the_case_is_sent(core):
    core.jira.errors = [(UnknownOutcome("No answer."), True)]
    core.ask(finding(1, "event-1"))
    assert core.ask(finding(1, "event-2")).state == "unknown"
    assert len(core.jira.created) == 1 and core.jira.comments == []
    core.later = 61
    core.work()
    assert core.jira.listed() == ["event-1", "event-2"]


def test_an_unknown_outcome_is_never_given_up(core):
    core.jira.errors = [(UnknownOutcome("No answer."), True)]
    core.jira.find_errors = [Unavailable("away")] * 5
    core.ask()
    for days in range(1, 6):
        core.later = days * 86_400
        assert core.work() == ["unknown"]
    core.later = 6 * 86_400
    assert core.work() == ["done"] and len(core.jira.created) == 1


@BOTH
@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
def test_a_kv_store_that_fails_right_after_the_effect_repeats_nothing(core, name, status):
    """Jira has created the ticket; from then on the KV store answers with errors, until the turn has been overtaken."""
    core.splunkd.faults = Faults()
    key = core.record(name=name)

    def fail_from_now_on() -> None:
        core.splunkd.faults.add("status", path="storage/collections", status=status, count=None)

    service = core.jira if name == "create_ticket" else core.slack
    wait = service.__class__.create if name == "create_ticket" else service.__class__.post

    def effect(*args: Any, **more: Any) -> Any:
        done = wait(service, *args, **more)
        fail_from_now_on()
        return done

    setattr(service, wait.__name__, effect)
    core.run(key)
    delattr(service, wait.__name__)
    core.splunkd.faults = Faults()
    core.later = 200
    assert core.run(key)[0].state == "done"
    assert sent(core, name) == 1


def test_a_process_that_died_is_overtaken_when_its_turn_ends_and_not_before(core):
    key = core.record()
    turn = core.hold(key)
    assert core.run(key)[0].state == "busy"
    core.later = turn.lease_seconds + 5
    assert core.run(key)[0].state == "done"


def test_a_process_that_dies_after_the_effect_is_followed_by_a_look_up(core):
    key = core.record()

    def die() -> None:
        raise SystemExit

    core.jira.errors = [(SystemExit(), True)]
    with pytest.raises(SystemExit):
        core.run(key)
    # A real death writes nothing more: the turn stays as it was before the effect.
    (turn,) = core.turns()
    core.write(TASKS, {**turn, "released_at": 0, "results": ""})
    core.later = 300
    assert core.run(key)[0].state == "done"
    assert len(core.jira.created) == 1


def test_who_was_stopped_before_the_effect_for_longer_than_his_turn_sends_nothing(core):
    """Reading and rendering took so long that somebody else has gone on: the guard at the socket refuses."""
    core.save("settings", "developer", lease_seconds="1", unknown_outcome_seconds="0.1")
    key = core.record()
    core.jira.slow_before = 1.5
    first = threading.Thread(target=core.run, args=(key,))
    first.start()
    first.join()
    core.jira.slow_before = 0
    assert core.jira.created == []
    core.later = 60
    assert core.run(key)[0].state == "done"
    assert len(core.jira.created) == 1


def test_who_was_stopped_after_the_effect_does_not_write_over_what_came_after(core):
    """He goes on when somebody else has looked his ticket up, and a comment has followed: all of it stays."""
    core.save("settings", "developer", lease_seconds="2", unknown_outcome_seconds="0.1")
    key = core.record(finding(1, "event-1"))
    goes_on = threading.Event()

    def stopped() -> None:
        assert goes_on.wait(30)

    real = core.jira.__class__.create

    def create(*args: Any, **more: Any) -> Any:
        ticket = real(core.jira, *args, **more)
        stopped()
        return ticket

    core.jira.create = create
    late = threading.Thread(target=core.run, args=(key,))
    late.start()
    eventually(lambda: core.jira.created)
    del core.jira.create
    core.later = 60
    assert core.run(key)[0].state == "done"
    core.ask(finding(1, "event-2"))
    goes_on.set()
    late.join()
    assert core.task(key).state is State.DONE
    core.ask(finding(1, "event-3"))
    assert core.jira.listed() == ["event-1", "event-2", "event-3"]
    assert len(core.jira.created) == 1


def test_a_stale_document_of_a_stopped_holder_is_not_believed(core):
    """A holder that was stopped right before its last write overwrites the task with what it knew then."""
    key = core.record(finding(1, "event-1"))
    (before,) = core.tasks()
    core.run(key)
    core.write("responder_tasks", {**before, "state": "waiting", "turn": 0, "due_at": 1})
    assert core.run(key)[0].state == "done"
    core.ask(finding(1, "event-2"))
    assert len(core.jira.created) == 1 and core.jira.listed() == ["event-1", "event-2"]


@BOTH
def test_overlapping_sets_of_events_are_notified_of_once_each(core, name):
    core.ask(finding(1, "event-1"), name)
    keys = [core.record(finding(1, *events), name) for events in (("event-2", "event-3"), ("event-3", "event-4"))]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(core.run, keys))
    core.later = 1
    core.work()
    listed = core.jira.listed() if name == "create_ticket" else words(core.slack.texts)
    assert listed == ["event-1", "event-2", "event-3", "event-4"]


def words(texts: list[str]) -> list[str]:
    return sorted(word.strip("`*-.,") for text in texts for word in text.split() if word.startswith("event-"))


def test_overlapping_sets_recorded_before_any_ticket_are_notified_of_once_each(core):
    keys = [core.record(finding(1, *events)) for events in (("event-1", "event-2"), ("event-2", "event-3"))]
    core.run(*keys)
    assert core.jira.listed() == ["event-1", "event-2", "event-3"]
    assert len(core.jira.created) == 1


def test_a_task_carries_its_own_finding_whatever_came_first(core):
    """The case was opened by a ticket about one key; the remediation is about another key of the same case."""
    core.ask(finding(1, "event-1", access_key_id="AKIAFIRST"))
    key = core.record(finding(1, "event-2", access_key_id="AKIASECOND"), "remediate", playbook="switch_off")
    assert core.task(key).finding.access_key_id == "AKIASECOND"


@pytest.mark.parametrize("clock", [-10_000, 10_000], ids=["slow-clock", "fast-clock"])
def test_a_process_whose_clock_is_wrong_takes_nobodys_turn(core, monkeypatch, clock):
    """Turns count by splunkd's clock: a process that is hours off neither overtakes nor is overtaken."""
    from responder.engine.engine import Engine
    from responder.splunk import client

    key = core.record()
    core.hold(key)
    skewed = SimpleNamespace(time=lambda: time.time() + clock, monotonic=time.monotonic, sleep=time.sleep)
    monkeypatch.setattr(client, "time", skewed)
    (report,) = Engine(core.client(), core.services).run([key])
    assert report.state == "busy" and core.jira.created == []


def test_by_the_clock_of_the_process_a_turn_would_be_taken_from_its_holder(core):
    """What the test before would miss: with its own clock, a process that is hours ahead does overtake."""
    from responder.engine.engine import Engine

    key = core.record()
    core.hold(key)
    engine = Engine(core.client(), core.services, clock=lambda: time.time() + 10_000)
    assert engine.run([key])[0].state == "done"


def test_a_turn_of_another_search_head_is_watched_for_its_whole_time_first(core):
    """Its clock may be any: what counts is for how long this one has seen the turn held."""
    key = core.record()
    core.hold(key)
    (turn,) = core.turns()
    core.write(TASKS, {**turn, "member": "another", "taken_at": turn["taken_at"] - 100_000})
    assert core.run(key)[0].state == "busy"
    core.later = 100
    assert core.run(key)[0].state == "busy"
    core.later = 190
    assert core.run(key)[0].state == "done"


@pytest.mark.parametrize(
    ("error", "waiting_for", "first_retry"),
    [
        (Unavailable("Jira is away."), "service", 30),
        (Unavailable("Jira asks to wait.", retry_after=7), "service", 7),
        (NotPermitted("Jira says no.", "Renew the token."), "person", 300),
        (ConfigurationError("No project."), "person", 300),
    ],
)
def test_what_may_succeed_later_is_tried_later_and_not_before(core, error, waiting_for, first_retry):
    core.jira.errors = [(error, False)]
    report = core.ask()
    assert (report.state, report.waiting_for) == ("waiting", waiting_for)
    assert str(error) in report.message
    core.later = first_retry - 3
    assert core.work() == []
    # What failed together does not come back together: up to a fifth later.
    core.later = first_retry * 1.2 + 3
    assert core.work() == ["done"]
    assert len(core.jira.created) == 1


def test_the_pause_doubles_up_to_an_hour(core):
    core.jira.errors = [(Unavailable("away"), False)] * 12
    key, pauses = core.record(), []
    for _ in range(12):
        core.run(key)
        (task,) = core.tasks()
        pauses.append(task["due_at"] - task["updated_at"])
    for pause, least in zip(pauses, (30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600, 3600)):
        assert least - 1 <= pause <= 1.2 * least
    assert len({round(pause / 3600, 3) for pause in pauses[-5:]}) > 1, "each is spread by another part"


def test_a_task_is_given_up_after_three_days_and_says_so(core):
    core.jira.errors = [(Unavailable("away"), False)] * 2
    core.ask()
    core.later = 3 * 86_400 + 60
    assert core.work() == ["failed"]
    assert core.tasks()[0]["message"].startswith("Given up after 3 days")
    assert core.steps()[-1] == "failed"


def test_a_busy_case_keeps_a_bounded_number_of_turns(core):
    lane = core.task(core.record()).lane
    for _ in range(130):
        core.next_turn(lane).release()
        core.later += 300
    assert len(core.turns()) <= 75


@pytest.mark.extended
def test_200_occurrences_that_wait_for_one_case_are_one_comment(core):
    core.ask(finding(1, "event-0"))
    keys = [core.record(finding(1, f"event-{number}")) for number in range(1, 201)]
    core.run(*keys)
    assert len(core.jira.comments) == 1
    assert {task["state"] for task in core.tasks()} == {"done"}


@BOTH
def test_who_hands_a_finding_over_first_elsewhere_keeps_nobody_from_hearing_of_it(core, name):
    """An alert's owner plants the finding, events and all, in a project or channel that nobody reads."""
    where = {"create_ticket": ("project", "ATTIC", "SEC"), "notify_slack": ("channel", "attic", "sec")}
    parameter, planted, real = where[name]
    grave = finding(1, "event-1", severity="critical", throttle_seconds=86_400.0)
    core.ask(grave, name, **{parameter: planted})
    assert core.ask(finding(1, "event-1", throttle_seconds=86_400.0), name, **{parameter: real}).state == "done"
    went = [new.project for new in core.jira.created] if name == "create_ticket" else core.slack.channels
    assert went == [planted, real]


@BOTH
def test_an_end_that_cannot_be_written_is_unknown_and_not_undone(core, name, monkeypatch):
    """The effect is made; then our own bookkeeping fails in whatever way."""
    from responder.engine import lane_end
    from responder.errors import Rejected

    def fails(*_: Any) -> None:
        raise Rejected("The KV store refuses the document.")

    key = core.record(name=name)
    monkeypatch.setattr(lane_end.LaneEnd, "record", fails)
    assert core.run(key)[0].state == "unknown"
    monkeypatch.undo()
    core.later = 61
    assert core.work() == ["done"] and sent(core, name) == 1


def test_a_turn_that_looks_up_in_vain_and_is_stopped_after_it_sent_again_is_believed(core):
    """It saves the task twice; only its own document has the second, since it came back too late for the task's."""
    core.save("settings", "developer", lease_seconds="2", unknown_outcome_seconds="0.1")
    core.jira.errors = [(UnknownOutcome("No answer."), False)]
    key = core.record()
    assert core.run(key)[0].state == "unknown"
    core.later, core.jira.slow = 1, 2.5
    core.run(key)
    core.later, core.jira.slow = 60, 0.0
    assert core.run(key)[0].state == "done"
    assert len(core.jira.created) == 1
