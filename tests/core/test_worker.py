"""The worker input: finishes what dead executors left, and nothing that stays due hides what lies behind it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from core_findings import finding
from responder.cases.keys import finding_task
from responder.cases.recording import TaskRequest
from responder.cases.task import Alert, Task
from responder.documents.document import Document
from responder.engine import due
from responder.engine.breaker import FAILURES
from responder.engine.share_claims import ShareClaims
from responder.errors import NotPermitted, Unavailable
from responder.handlers.action import action
from responder.inputs import round as round_module
from responder.inputs import worker
from responder.jira.client import NewTicket
from responder.settings.reader import Configuration
from responder.splunk.client import Splunkd as Client

from sandbox.faults import Faults
from sandbox.jira import JiraStandIn
from sandbox.slack import SlackStandIn


@pytest.fixture
def work(core, monkeypatch) -> Any:
    """One pass of the worker, with the services of ``core``: gives {task: state}."""
    monkeypatch.setattr(worker, "Services", lambda: core.services)
    return lambda: {r.task: r.state for r in worker.run_once(core.client(), core.clock)}


def test_it_finishes_what_a_dead_executor_left(core, work):
    key = core.record()
    turn = core.hold(key)
    from responder.cases.task import Attempt

    where = {"site": "jira", "project": "SEC"}
    turn.send(Attempt(key, "create", core.clock(), event_ids=("event-1",), where=where))
    core.jira.created.append(NewTicket("SEC", "", "Summary", Document(()), (), key))
    assert work() == {key: "busy"}
    core.later = 185
    assert work() == {key: "done"}
    assert len(core.jira.created) == 1, "the dead one had created it"
    assert work() == {}


def test_busy_tasks_do_not_hide_those_behind_them(core, work, monkeypatch):
    monkeypatch.setattr(due, "PAGE", 2)
    for number in range(3):
        core.hold(core.record(number))
    free = core.record(4)
    assert work()[free] == "done"


def test_tasks_that_fail_do_not_hide_those_behind_them(core, work, monkeypatch):
    monkeypatch.setattr(due, "PAGE", 2)
    core.jira.errors = [(Unavailable("away"), False), (NotPermitted("no"), False), (RuntimeError(), False)]
    for number in range(5):
        core.record(number)
    assert sorted(work().values()) == ["done", "done", "unknown", "waiting", "waiting"]


def test_a_splunkd_that_cannot_be_read_is_reported(core, work):
    core.splunkd.faults = Faults()
    core.splunkd.faults.add("status", method="GET", path="storage/collections", status=503, count=None)
    with pytest.raises(Unavailable, match="KV store"):
        work()


def test_audit_events_that_could_not_be_indexed_are_owed_and_come_once(core, work):
    core.splunkd.faults = Faults()
    rule = core.splunkd.faults.add("status", method="POST", path="receivers/simple", status=500, count=None)
    assert core.ask().state == "done"
    assert core.steps() == []
    core.splunkd.faults.clear(rule)
    core.later = 60
    work()
    assert core.steps() == ["task_recorded", "ticket_created"]
    core.later = 600
    assert work() == {}
    assert core.steps() == ["task_recorded", "ticket_created"]


class Counting(Client):
    """Counts the bytes splunkd answers."""

    read = 0

    def request(self, *args: Any, **more: Any) -> tuple[int, bytes]:
        status, data = super().request(*args, **more)
        self.read += len(data)
        return status, data


def test_what_was_found_before_is_not_read_again_in_full(core):
    for occurrence in range(30):
        core.ask(finding(1, f"event-{occurrence}", detail={"text": "x" * 20_000}))
    counting = Counting(core.splunkd.uri, core.splunkd.system_token, pauses=())
    key = core.record(finding(1, "event-30"), client=counting)
    core.engine(counting).run([key])
    assert counting.read < 30 * 5_000, "each of the 30 holds a finding of 20 kB"
    assert len(core.jira.comments) == 30


# -- each service its share --------------------------------------------------------------------------------------------


def waiting(core: Any, count: int, name: str = "create_ticket", service: str = "", due_at: float = 1.0) -> list[str]:
    """Tasks of so many cases, as they were recorded; written at once."""
    documents = []
    for number in range(count):
        about = finding(number)
        parameters = {"create_ticket": {"project": "SEC"}, "remediate": {"playbook": "restart_trail_logging"}}
        wanted = action(name).request(about, parameters.get(name, {}))
        assert isinstance(wanted, TaskRequest)
        key = finding_task(about.case_id, wanted.family, wanted.kind, about.event_ids, wanted.request, "pat")
        task = Task(
            key, wanted.kind, dict(wanted.request), finding=about, alert=Alert("Alert"), event_ids=about.event_ids,
            owner="pat", created_at=1.0, due_at=due_at,
        )  # fmt: skip
        documents.append({**task.to_document(), **({"service": service} if service else {})})
    core.client().save_many("responder_tasks", documents)
    return [document["_key"] for document in documents]


@dataclass
class Outside:
    """Jira and Slack as stand-ins, asked by the engine's own clients."""

    core: Any
    jira: JiraStandIn
    slack: SlackStandIn

    def work(self) -> dict[str, str]:
        return {r.task: r.state for r in worker.run_once(self.core.client(), self.core.clock, interval=20.0)}


@pytest.fixture
def outside(core) -> Iterator[Outside]:
    with JiraStandIn("cloud") as jira, SlackStandIn() as slack:
        own = jira.credentials
        core.secret("jira_site", "site", api_token=own.api_token)
        core.save("jira_site", "site", deployment="cloud", url=jira.url, email=own.email, default_project="SEC")
        core.secret("slack_workspace", "team", bot_token=slack.credentials.bot_token)
        core.save("slack_workspace", "team", auth_type="bot", default_channel="security-alerts")
        core.save("settings", "general", default_jira_site="site", default_slack_workspace="team")
        core.save("settings", "developer", slack_api_url=slack.credentials.api_url.rstrip("/"))
        yield Outside(core, jira, slack)


@pytest.mark.extended
def test_a_dead_jira_with_two_thousand_tickets_holds_up_no_message_and_costs_next_to_nothing(core, outside):
    waiting(core, 2_000)
    (message,) = waiting(core, 1, "notify_slack", due_at=2.0)
    before = {task["_key"]: task for task in core.tasks()}
    outside.jira.faults.add("reset", count=None)
    assert outside.work()[message] == "done"
    assert len(outside.jira.requests) <= 2 * FAILURES
    changed = [task for task in core.tasks() if task != before[task["_key"]]]
    assert len(changed) <= 1 + round_module.BATCH
    asked = len(outside.jira.requests)
    assert outside.work() == {}, "the next round, on whichever search head, knows of it"
    assert len(outside.jira.requests) == asked


def test_what_is_recorded_while_a_service_takes_its_time_does_not_wait_for_it(core, work, monkeypatch):
    monkeypatch.setattr(round_module, "LOOK_AGAIN", 0.02)
    posted = threading.Event()
    order = []

    def slow() -> None:
        core.record(2, "notify_slack")
        assert posted.wait(60), "the message waits for Jira"
        order.append("jira")

    def post(*arguments: Any, **more: Any) -> Any:
        order.append("slack")
        result = original(*arguments, **more)
        posted.set()
        return result

    original = core.slack.post
    monkeypatch.setattr(core.slack, "post", post)
    core.jira.stopped = [slow]
    core.record(1)
    assert sorted(work().values()) == ["done", "done"]
    assert order == ["slack", "jira"]


class Reading(Client):
    """Counts the requests that read tasks."""

    pages = 0

    def find(self, collection: str, *arguments: Any, **more: Any) -> Any:
        self.pages += collection == "responder_tasks"
        return super().find(collection, *arguments, **more)


def shares(core: Any, client: Client, without: tuple[str, ...] = ()) -> dict[str, int]:
    listed = due.DueTasks(client, Configuration(client), core.clock).read((), lambda service: service in without)
    return {share.service: len(share.keys) for share in listed}


@pytest.mark.extended
def test_a_service_with_thousands_of_due_tasks_hides_nobody_elses(core):
    waiting(core, 3_000, service="jira:")
    waiting(core, 1, "notify_slack", service="slack::", due_at=2.0)
    waiting(core, 1, "remediate", service="aws:123456789012", due_at=3.0)
    client = Reading(core.splunkd.uri, core.splunkd.system_token, pauses=())
    listed = shares(core, client)
    assert list(listed) == ["aws:123456789012", "slack:slack:sec", "jira:jira"], "in the order in which they are begun"
    assert listed["slack:slack:sec"] == listed["aws:123456789012"] == 1 and listed["jira:jira"] >= due.ENOUGH
    assert client.pages == 2, "3,000 tasks are not read"


def test_tasks_that_do_not_name_their_service_are_read_to_the_end(core, monkeypatch):
    monkeypatch.setattr(due, "PAGE", 50)
    waiting(core, 120)
    waiting(core, 1, "notify_slack", due_at=2.0)
    assert shares(core, core.client()) == {"slack:slack:sec": 1, "jira:jira": 120}
    assert shares(core, core.client(), without=("jira:jira",)) == {"slack:slack:sec": 1}


def test_the_default_and_the_same_by_its_name_are_one_service(core):
    core.record(1)
    core.record(2, jira_site="jira")
    core.record(3, "notify_slack")
    core.record(4, "notify_slack", channel="#sec", slack_workspace="slack")
    assert shares(core, core.client()) == {"slack:slack:sec": 2, "jira:jira": 2}


def test_two_search_heads_do_not_serve_the_same_long_share_at_the_same_time(core, work):
    waiting(core, round_module.FEW + 1, "notify_slack")
    claims = ShareClaims(core.client(), core.clock, 300.0)
    assert claims.take("slack:slack:sec")
    assert work() == {}
    claims.release("slack:slack:sec")
    assert set(work().values()) == {"done"} and len(core.slack.texts) == round_module.FEW + 1


def test_a_share_whose_search_head_was_stopped_is_served_by_another_one(core):
    mine, theirs = (ShareClaims(core.client(), core.clock, 300.0) for _ in range(2))
    assert theirs.take("slack:slack:sec") and not mine.take("slack:slack:sec")
    core.later = 301
    assert mine.take("slack:slack:sec") and not theirs.take("slack:slack:sec")
    theirs.release("slack:slack:sec")
    assert not theirs.take("slack:slack:sec"), "nobody gives back what is not his"


def test_a_share_that_takes_long_stays_with_who_serves_it(core):
    mine, theirs = (ShareClaims(core.client(), core.clock, 300.0) for _ in range(2))
    assert mine.take("slack:slack:sec")
    for core.later in (150, 290, 420):
        mine.keep("slack:slack:sec")
        assert not theirs.take("slack:slack:sec")
    mine.release("slack:slack:sec")
    assert theirs.take("slack:slack:sec")


def test_a_round_writes_one_line_for_each_service(core, work, caplog):
    caplog.set_level(logging.INFO, "cloudtrail_responder")
    logging.getLogger("cloudtrail_responder").propagate = True
    for number in range(3):
        core.record(number)
    core.record(1, "notify_slack")
    work()
    lines = [record.getMessage() for record in caplog.records if "seconds=" in record.getMessage()]
    assert sorted(line.rpartition(" ")[0] for line in lines) == [
        "service=jira:jira due=3 tried=3 done=3",
        "service=slack:slack:sec due=1 tried=1 done=1",
    ]


def test_a_saved_setting_lets_a_service_be_tried_at_once(core, outside):
    outside.work()
    waiting(core, 5)
    outside.jira.faults.add("reset", count=None)
    outside.work()
    outside.jira.faults.clear()
    # Their own pauses are over, but not the breaker's: that goes by splunkd's clock.
    core.later = 300
    assert outside.work() == {}
    core.save("settings", "general", splunk_web_url="https://splunk.example.com")
    assert "done" in outside.work().values()


def test_one_more_occurrence_that_the_throttle_puts_off_does_not_read_those_that_wait(core):
    core.ask(finding(1, "event-0", throttle_seconds=3600))
    big = {"throttle_seconds": 3600, "detail": {"text": "x" * 20_000}}
    keys = [core.record(finding(1, f"event-{number}", **big)) for number in range(1, 41)]
    core.run(*keys)
    counting = Counting(core.splunkd.uri, core.splunkd.system_token, pauses=())
    key = core.record(finding(1, "event-41", **big), client=counting)
    assert core.engine(counting).run([key])[0].waiting_for == "time"
    assert counting.read < 20 * 20_000, "each of the 40 holds a finding of 20 kB"
    core.later = 3700
    assert core.work().count("done") == 41
    assert len(core.jira.comments) == 1 and core.jira.listed() == sorted(f"event-{number}" for number in range(42))
