"""Messages wait for their channel's turn here instead of running into Slack's limits; time is virtual."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from outward_clients import CHANNEL, DOCUMENT, HTTP, bot_of, webhook_of
from responder.engine.pacing import Paces
from responder.errors import PutOff, Unavailable
from responder.slack.client import Chat
from responder.slack.rate_limits import WORKSPACE
from virtual_clock import VirtualClock

from bench.slack_pace import OneASecond
from sandbox.slack import SlackStandIn

OTHER = "general"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def strict(clock: VirtualClock) -> Iterator[OneASecond]:
    with OneASecond(clock) as standin:
        yield standin


def paced(slack: SlackStandIn, clock: VirtualClock, patience: float = 60.0) -> Chat:
    client = bot_of(slack)
    workspace = client._workspace
    return Chat(workspace, HTTP, Paces(lambda: patience, clock).service("slack:test", WORKSPACE))


def methods(slack: SlackStandIn) -> set[str]:
    return {exchange.path.rpartition("/")[2] for exchange in slack.requests}


def post(chat: Chat, channel: str, marker: str) -> None:
    """Again where Slack says that it was too early, as the engine does."""
    try:
        with chat.admitted(channel):
            chat.post(channel, DOCUMENT, marker)
    except Unavailable:
        post(chat, channel, marker)


@pytest.mark.extended
@pytest.mark.parametrize("count", [300, pytest.param(2_000, marks=pytest.mark.slow)])
def test_many_messages_to_a_channel_cost_hardly_more_than_one_request_each_and_no_look_ups(
    strict: OneASecond, clock: VirtualClock, count: int
) -> None:
    chat, began = paced(strict, clock), clock.time
    for number in range(count):
        post(chat, CHANNEL, f"m{number}")
    assert len(strict.messages()) == count
    assert len(strict.requests) <= count + 2 and methods(strict) == {"chat.postMessage"}
    assert clock.time - began < count * 1.4, "and hardly longer than Slack's own pace takes"


def test_a_channel_has_one_pace_whether_it_is_named_or_given_by_id(strict: OneASecond, clock: VirtualClock) -> None:
    chat = paced(strict, clock)
    number = chat.post(CHANNEL, DOCUMENT, "first").channel
    for count in range(10):
        post(chat, number if count % 2 else CHANNEL, f"m{count}")
    assert len(strict.messages()) == 11 and len(strict.requests) <= 12


def test_what_would_wait_for_too_long_is_put_off_and_costs_no_request(strict: OneASecond, clock: VirtualClock) -> None:
    chat = paced(strict, clock, patience=0.5)
    chat.post(CHANNEL, DOCUMENT, "first")
    with pytest.raises(Unavailable):
        chat.post(CHANNEL, DOCUMENT, "too early")
    with pytest.raises(PutOff) as put_off, chat.admitted(CHANNEL):
        raise AssertionError("not admitted")
    assert put_off.value.retry_after is not None and 0.5 < put_off.value.retry_after <= 1.2
    assert len(strict.requests) == 2


def limited(slack: SlackStandIn, **more: object) -> None:
    slack.faults.add("rate_limit", path="chat.postMessage|/services/", retry_after=30, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("client", [bot_of, webhook_of])
def test_retry_after_counts_for_all_of_the_channel(
    slack: SlackStandIn, clock: VirtualClock, client: Callable[[SlackStandIn], Chat]
) -> None:
    gates = Paces(lambda: 5.0, clock).service("slack:test", WORKSPACE)
    chat = Chat(client(slack)._workspace, HTTP, gates)
    limited(slack)
    with pytest.raises(Unavailable):
        chat.post(CHANNEL, DOCUMENT, "m")
    for _ in range(50):
        with pytest.raises(PutOff):
            chat.post(CHANNEL, DOCUMENT, "m")
    assert len(slack.requests) == 1
    clock.time += 40
    chat.post(CHANNEL, DOCUMENT, "m")
    assert len(slack.messages()) == 1


def test_another_channel_goes_on_meanwhile(slack: SlackStandIn, clock: VirtualClock) -> None:
    chat = paced(slack, clock, patience=5.0)
    limited(slack)
    with pytest.raises(Unavailable):
        chat.post(CHANNEL, DOCUMENT, "m")
    chat.post(OTHER, DOCUMENT, "m")
    assert len(slack.messages()) == 1


def test_a_limit_of_the_workspace_concerns_every_channel(slack: SlackStandIn, clock: VirtualClock) -> None:
    chat = paced(slack, clock, patience=5.0)
    body = {"ok": False, "error": "message_limit_exceeded"}
    slack.faults.add("status", path="chat.postMessage", status=200, body=body, headers={"Retry-After": "30"})
    with pytest.raises(Unavailable):
        chat.post(CHANNEL, DOCUMENT, "m")
    with pytest.raises(PutOff):
        chat.post(OTHER, DOCUMENT, "m")
    assert len(slack.requests) == 1


def test_a_workspace_that_does_not_answer_is_left_alone(slack: SlackStandIn, clock: VirtualClock) -> None:
    chat = paced(slack, clock)
    slack.faults.add("reset", count=None)
    for number in range(100):
        with pytest.raises(Exception, match="Slack workspace|slack:test"):
            chat.post((CHANNEL, OTHER)[number % 2], DOCUMENT, "m")
    assert len(slack.requests) == 3


def test_an_admission_that_is_not_used_takes_nothing_away(slack: SlackStandIn, clock: VirtualClock) -> None:
    chat = paced(slack, clock)
    for _ in range(20):
        with pytest.raises(ValueError), chat.admitted(CHANNEL):
            raise ValueError("the lane's turn was taken by somebody else")
    chat.post(CHANNEL, DOCUMENT, "m")
    assert len(slack.messages()) == 1


def test_a_message_that_was_admitted_does_not_wait_again(slack: SlackStandIn, clock: VirtualClock) -> None:
    chat = paced(slack, clock)
    chat.post(CHANNEL, DOCUMENT, "first")
    with chat.admitted(CHANNEL):
        then = clock.time
        chat.post(CHANNEL, DOCUMENT, "second")
        assert clock.time == then
