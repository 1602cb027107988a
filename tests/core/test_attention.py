"""What waits for a person is said in Splunk Web, and folded into one message in the operations channel.

Time is virtual: splunkd's clock and the worker's are ``core.clock``.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from operated import OPS, Operated, Stopped, operated
from responder.cases.states import State, WaitingFor
from responder.cases.task import TASKS
from responder.inputs import round as round_module


@pytest.fixture
def site(core: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Operated]:
    monkeypatch.setattr(round_module, "LOOK_AGAIN", 0.05)
    with operated(core) as made:
        # Slack's own clock does not run ahead.
        core.later = -30 * 86_400.0
        made.work()
        yield made


def waits(
    site: Operated, *numbers: int, state: State = State.WAITING, message: str = "The token is wrong.", name: str = ""
) -> list[str]:
    """Tasks that wait for a person, or have failed, in a while."""
    keys = site.record(*numbers, name=name or "create_ticket")
    for key in keys:
        task = site.core.task(key)
        task.state, task.message, task.attempts = state, message, 3
        task.waiting_for = WaitingFor.PERSON if state is State.WAITING else WaitingFor.NOTHING
        task.due_at = site.core.clock() + 40 * 86_400.0 if state is State.WAITING else 0.0
        task.updated_at = site.core.clock()
        site.client().save_many(TASKS, [task.to_document()])
    return keys


def is_done(site: Operated, *keys: str) -> None:
    for key in keys:
        task = site.core.task(key)
        task.state, task.waiting_for, task.due_at = State.DONE, WaitingFor.NOTHING, 0.0
        site.client().save_many(TASKS, [task.to_document()])


def test_tasks_that_wait_are_one_bulletin_and_one_message_that_come_again_after_a_day(site: Operated) -> None:
    waits(site, *range(30))
    site.work_for(24, every=120)
    (shown,) = site.bulletins()
    assert "30 tasks of Jira 'site' wait for a setting" in shown
    assert "| respondretry service=jira:site state=waiting" in shown
    (message,) = site.messages()
    assert "Jira 'site': 30 tasks wait for a setting" in message and "The token is wrong." in message
    site.work(121)
    assert len(site.messages()) == 2


def test_what_is_new_is_said_at_most_once_an_hour(site: Operated) -> None:
    waits(site, 1)
    site.work(61)
    for number in (2, 3, 4):
        waits(site, number)
        site.work(15)
    assert len(site.messages()) == 1
    site.work_for(2, every=20)
    assert len(site.messages()) == 2 and "4 tasks wait for" in site.messages()[1]


def test_what_the_round_itself_comes_upon_does_not_wait_for_the_hour(site: Operated) -> None:
    key = site.core.record(1, client=site.client(), project="NOSUCH")
    site.work(11)
    assert site.core.task(key).waiting_for is WaitingFor.PERSON
    assert len(site.messages()) == len(site.bulletins()) == 1


def test_each_service_has_a_bulletin_that_is_replaced_and_goes_when_nothing_of_it_waits(site: Operated) -> None:
    tickets = waits(site, 1, 2)
    messages = waits(site, 3, name="notify_slack")
    site.work(61)
    assert sorted("Jira" in text for text in site.bulletins()) == [False, True]
    is_done(site, tickets[0])
    site.work(61)
    assert len(site.bulletins()) == 2 and any("1 task of Jira 'site' waits for" in one for one in site.bulletins())
    is_done(site, *tickets)
    site.work(61)
    assert ["Slack 'team'" in text for text in site.bulletins()] == [True]
    is_done(site, *messages)
    site.work(61)
    assert site.bulletins() == [] and len(site.messages()) == 1, "what has become less is no news"


def test_a_bulletin_that_was_read_and_removed_comes_again_only_with_something_new(site: Operated) -> None:
    waits(site, 1)
    site.work(61)
    for one in site.core.splunkd.bulletin.all():
        site.core.splunkd.bulletin.remove(one.name)
    site.work(61)
    assert site.bulletins() == []
    waits(site, 2)
    site.work(61)
    assert len(site.bulletins()) == 1


def test_a_bulletin_that_is_no_longer_true_goes_whenever_the_worker_that_posted_it_died(site: Operated) -> None:
    """It dies at the write that follows the message in Splunk Web."""
    keys = waits(site, 1)
    site.core.later += 61 * 60
    client = site.client()
    client.dies_after = "/services/messages"
    with pytest.raises(Stopped):
        site.work(client=client)
    assert len(site.bulletins()) == 1
    is_done(site, *keys)
    site.work(61)
    assert site.bulletins() == []


def test_what_was_given_up_or_has_failed_is_kept_apart_and_forgotten_after_a_week(site: Operated) -> None:
    waits(site, 1, state=State.FAILED, message="Given up after 3 days: Jira does not answer.")
    waits(site, 2, 3, state=State.FAILED, message="Jira refuses it.")
    site.work(61)
    (shown,) = site.bulletins()
    assert "1 task of Jira 'site' was given up after three days." in shown
    assert "2 tasks of Jira 'site' have failed" in shown and "state=failed" in shown
    site.work(8 * 24 * 60)
    assert site.bulletins() == []


def test_nothing_that_an_event_says_is_in_a_bulletin_and_in_slack_it_is_shown_as_it_is(site: Operated) -> None:
    waits(site, 1, message="Role <!channel> [[http://evil.example|click]] *now* `rm`")
    site.work(61)
    assert "evil" not in site.bulletins()[0] and "channel>" not in site.bulletins()[0]
    (message,) = site.slack.messages(OPS)
    assert message.mentions == [] and message.live == []
    assert "http://evil.example|click" in message.visible_text


def test_a_message_about_failures_that_fails_is_no_failure(site: Operated) -> None:
    site.general(operations_channel="not-joined")
    site.work()
    waits(site, 1)
    for _ in range(6):
        site.work(61)
    own = [task for task in site.core.tasks() if task["kind"] == "slack.operations"]
    assert {task["waiting_for"] for task in own} == {"person"} and len(own) == 1
    (shown,) = site.bulletins()
    assert "1 task of Jira 'site' waits" in shown


def test_without_an_operations_channel_splunk_says_it_alone_and_slack_as_soon_as_there_is_one(site: Operated) -> None:
    site.general(operations_channel="")
    site.core.record(1, client=site.client(), project="NOSUCH")
    site.work(61)
    assert len(site.bulletins()) == 1 and site.slack.messages() == []
    site.general(operations_channel=OPS)
    site.work(61)
    assert len(site.messages()) == 1


def test_several_search_heads_at_once_say_it_once(site: Operated) -> None:
    waits(site, 1, 2)
    for _ in range(3):
        site.core.later += 61 * 60
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _: site.work(), range(3)))
    assert len(site.messages()) == len(site.bulletins()) == 1


@pytest.mark.extended
@pytest.mark.parametrize("after", [pytest.param(False, marks=pytest.mark.slow), True], ids=["before", "after"])
def test_a_worker_that_dies_at_any_of_its_writes_leaves_one_message(site: Operated, after: bool) -> None:
    stopped = 0
    for write in range(1, 9):
        waits(site, write)
        client = site.client()
        client.left, client.after = write, after
        try:
            site.work(61, client)
        except Stopped:
            stopped += 1
        # Ten minutes later somebody else looks; after an hour whatever is still to be said is said.
        for minutes in (11, 11, 61):
            site.work(minutes)
        assert len(site.messages()) == write, f"stopped at write {write}"
    assert stopped >= 6 and len(site.bulletins()) == 1


def test_a_damaged_mark_has_people_notified_again(site: Operated) -> None:
    waits(site, 1)
    site.work(61)
    nonsense = ('{"groups": 5}', '{"groups": {"x": 1}}', '{"notified_at": "x"}', '{"notified_at": 9e9}')
    for value in ("", "[]", "5", *nonsense):
        site.client().save_many("responder_marks", [{"_key": "attention", "value": value, "at": 0.0}])
        site.work(61)
        assert len(site.bulletins()) == 1
