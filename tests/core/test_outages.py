"""A service that does not answer is reported in the other channels, once, and its end says what was caught up.

Time is virtual: splunkd's clock, the worker's and the breakers' are ``core.clock``.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from core_findings import finding
from operated import DEFAULT, Operated, Stopped, operated
from responder.cases.states import State, WaitingFor
from responder.cases.task import TASKS
from responder.inputs import attention, outages
from responder.inputs import round as round_module

JIRA, SLACK = "jira:site", "slack:team"


@pytest.fixture
def site(core: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Operated]:
    monkeypatch.setattr(round_module, "LOOK_AGAIN", 0.05)
    with operated(core) as made:
        yield made


def settle(site: Operated) -> None:
    """The service has answered for a while, and nothing is late."""
    site.work()
    site.work(6)


@pytest.mark.extended
def test_four_hours_without_jira_are_two_messages_and_one_bulletin_that_goes_again(site: Operated) -> None:
    away = site.jira.faults.add("reset", count=None)
    site.record(*range(12))
    site.work_for(4, every=16)
    (late,) = site.messages()
    assert "Jira 'site' has not answered since" in late and "12 tickets and comments are late" in late
    (shown,) = site.bulletins()
    assert "Jira 'site' has not answered since" in shown and "12 tickets" in shown
    site.jira.faults.clear(away)
    site.work_for(1, every=6)
    assert len(site.jira.issues()) == 12
    _, back = site.messages()
    assert "Jira 'site' answers again" in back and "Late tickets and comments: 12 done." in back
    assert site.bulletins() == [] and site.messages(DEFAULT) == []
    site.work_for(2)
    assert len(site.messages()) == 2


def test_what_is_away_for_less_than_five_minutes_or_keeps_nothing_waiting_is_not_reported(site: Operated) -> None:
    site.record(1)
    site.leave_alone(JIRA, seconds=200)
    site.leave_alone("jira:other", seconds=4000)
    site.work()
    assert site.messages() == [] and site.bulletins() == []


def test_a_service_that_comes_and_goes_is_one_outage(site: Operated) -> None:
    site.record(*range(3))
    site.leave_alone(JIRA)
    for _ in range(8):
        site.work(1)
        site.answers(JIRA)
        # As it looks in between, before anything is sent.
        outages.follow(site.client(), _services(site), _config(site), [], site.core.clock())
        site.leave_alone(JIRA, seconds=0)
        site.work(4)
    assert len(site.messages()) == 1
    site.answers(JIRA)
    settle(site)
    settle(site)
    assert len(site.messages()) == 2


def test_a_short_outage_within_the_hour_after_another_is_not_reported_again(site: Operated) -> None:
    for minutes in (10, 70):
        site.record(minutes)
        site.leave_alone(JIRA)
        site.work()
        site.answers(JIRA)
        settle(site)
        settle(site)
        site.core.later += (minutes - 10) * 60
    assert len(site.messages()) == 2
    site.core.later += 3700
    site.work()
    site.record(99)
    site.leave_alone(JIRA)
    site.work()
    assert len(site.messages()) == 3


def test_the_end_says_what_still_waits_and_what_has_failed(site: Operated) -> None:
    done, waits, failed = site.record(1, 2, 3)
    site.leave_alone(JIRA)
    site.work()
    site.answers(JIRA)
    for key, state in ((waits, State.WAITING), (failed, State.FAILED)):
        task = site.core.task(key)
        task.state, task.due_at = state, site.core.clock() + 9000 if state is State.WAITING else 0.0
        task.waiting_for = WaitingFor.SERVICE if state is State.WAITING else WaitingFor.NOTHING
        task.updated_at = site.core.clock()
        site.client().save_many(TASKS, [task.to_document()])
    settle(site)
    assert len(site.messages()) == 1, "something is late still, so the end is put off"
    site.work(30)
    assert "Late tickets and comments: 1 done, 1 still wait, 1 failed." in site.messages()[1]
    assert site.core.task(done).state is State.DONE


def test_a_dead_slack_is_said_in_splunk_and_its_end_in_slack(site: Operated) -> None:
    site.record(1, 2, name="notify_slack")
    site.leave_alone(SLACK)
    site.work()
    (shown,) = site.bulletins()
    assert "Slack 'team' has not answered since" in shown and "2 messages are late" in shown
    site.answers(SLACK)
    settle(site)
    settle(site)
    (back,) = site.messages()
    assert "Slack 'team' answers again" in back and "Late messages: 2 done." in back and site.bulletins() == []


def test_when_jira_and_slack_are_dead_a_late_notice_that_has_become_old_is_not_posted(site: Operated) -> None:
    site.record(1)
    site.leave_alone(JIRA)
    site.leave_alone(SLACK)
    site.work()
    assert site.messages() == []
    site.answers(JIRA)
    settle(site)
    settle(site)
    site.answers(SLACK)
    settle(site)
    (only,) = site.messages()
    assert "Jira 'site' answers again" in only


def test_aws_has_no_breaker_so_remediations_that_wait_for_it_say_so(site: Operated) -> None:
    (key,) = [site.core.record(finding(1), "remediate", playbook="block_public_bucket")]
    task = site.core.task(key)
    task.state, task.waiting_for, task.attempts = State.WAITING, WaitingFor.SERVICE, 4
    task.due_at, task.service = site.core.clock() + 7200, f"aws:{finding(1).vendor_account}"
    site.core.later = 400
    site.client().save_many(TASKS, [task.to_document()])
    waits = [_report(task)]
    outages.follow(site.client(), _services(site), _config(site), waits, site.core.clock())
    site.work()
    (late,) = site.messages()
    assert "AWS has not answered since" in late and "1 remediation is late" in late
    task.state, task.waiting_for, task.due_at = State.DONE, WaitingFor.NOTHING, 0.0
    task.updated_at = site.core.clock()
    site.client().save_many(TASKS, [task.to_document()])
    settle(site)
    settle(site)
    assert "Late remediations: 1 done." in site.messages()[1]


def test_without_an_operations_channel_the_default_one_hears_it(site: Operated) -> None:
    site.general(operations_channel="")
    site.record(1)
    site.leave_alone(JIRA)
    site.work()
    assert site.messages() == [] and "does not answer" in site.messages(DEFAULT)[0]


def test_a_webhook_posts_it_in_its_own_channel(site: Operated) -> None:
    site.core.save("slack_workspace", "hook", auth_type="webhook")
    site.core.secret("slack_workspace", "hook", webhook_url=site.slack.credentials.webhook_url)
    site.general(default_slack_workspace="hook", operations_channel="")
    site.record(1)
    site.leave_alone(JIRA)
    site.work()
    # What was saved has closed the breakers.
    site.leave_alone(JIRA)
    site.work()
    (late,) = site.messages(DEFAULT)
    assert "does not answer" in late


def test_without_slack_the_bulletin_says_it_alone(site: Operated) -> None:
    site.general(default_slack_workspace="nowhere")
    site.record(1)
    site.leave_alone(JIRA)
    site.work()
    assert site.messages() == [] and len(site.bulletins()) == 1
    assert [one for one in site.core.tasks() if one["kind"] == "slack.operations"] == []


def test_an_answer_of_slack_that_is_lost_is_looked_up_and_not_repeated(site: Operated) -> None:
    site.slack.faults.add("reset_after", path="chat.postMessage")
    site.record(1)
    site.leave_alone(JIRA)
    site.work()
    site.work_for(0.5, every=5)
    assert len(site.messages()) == 1


def test_several_search_heads_at_once_report_it_once(site: Operated) -> None:
    site.record(*range(3))
    site.leave_alone(JIRA)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: site.work(), range(3)))
    site.work(4)
    assert len(site.messages()) == 1 and len(site.bulletins()) == 1
    site.answers(JIRA)
    for minutes in (0, 4, 4, 4):
        site.core.later += minutes * 60
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _: site.work(), range(3)))
    assert len(site.messages()) == 2 and site.bulletins() == []


@pytest.mark.extended
@pytest.mark.parametrize("after", [pytest.param(False, marks=pytest.mark.slow), True], ids=["before", "after"])
def test_a_worker_that_dies_at_any_of_its_writes_leaves_one_message_of_each(site: Operated, after: bool) -> None:
    """The rounds that say that it is away, and those that say that it is back, each stopped at one write."""
    # Slack's own clock does not run ahead.
    site.core.later, stopped, expected = -10 * 86_400.0, 0, 0
    for write in range(1, 8):
        # Each outage by itself.
        site.core.later += 4 * 3600
        site.work()
        site.record(write)
        site.leave_alone(JIRA)
        stopped += _dies(site, write, after)
        site.work(4)
        expected += 1
        assert len(site.messages()) == expected, f"stopped at write {write}"
        site.answers(JIRA)
        site.work()
        stopped += _dies(site, write, after, minutes=6)
        for _ in range(3):
            site.work(6)
        expected += 1
        assert len(site.messages()) == expected, f"stopped at write {write}"
        assert site.bulletins() == []
    assert stopped >= 10


def _dies(site: Operated, write: int, after: bool, minutes: float = 0.0) -> bool:
    client = site.client()
    client.left, client.after = write, after
    try:
        site.work(minutes, client)
    except Stopped:
        return True
    return False


def test_a_round_that_finds_everything_well_sends_no_request_for_it(
    site: Operated, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.work()
    site.work(1)
    with_it = site.work(1)
    monkeypatch.setattr(outages, "follow", lambda *_: [])
    monkeypatch.setattr(attention, "look_when_due", lambda *_: [])
    assert site.work(1) == with_it


def test_a_damaged_mark_has_no_effect(site: Operated) -> None:
    nonsense = ('{"service": 1, "nonsense": 2}', '{"service": "jira:site", "since": "x"}', '{"since": 5}', "5")
    for value in ("", "[]", *nonsense):
        site.client().save_many("responder_marks", [{"_key": f"outage:{JIRA}", "value": value, "at": 1.0}])
        site.work()
    assert site.messages() == []


def _services(site: Operated) -> Any:
    from responder.engine.services import Services

    services = Services()
    services.begin(site.client())
    return services


def _config(site: Operated) -> Any:
    from responder.settings.reader import Configuration

    return Configuration(site.client())


def _report(task: Any) -> Any:
    from responder.engine.report import report_on

    return report_on(task)
