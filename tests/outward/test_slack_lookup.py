"""Finding a message that was posted without an answer: ours, the right one, and the same for whoever looks."""

from __future__ import annotations

import time
from typing import Any

import pytest
from outward_clients import CHANNEL, DOCUMENT, LONG_AGO, bot_of, webhook_of
from responder.errors import ConfigurationError, NotFound, NotPermitted, Unavailable, UnknownOutcome
from responder.settings.model import Http
from responder.slack.client import Posted

from sandbox.slack import SlackStandIn
from sandbox.slack.model import Message


@pytest.mark.parametrize("channel", [CHANNEL, "#security-alerts", "#Security-Alerts", "C0SECALERT", "soc-private"])
def test_after_a_lost_answer_the_message_is_found_and_not_posted_again(slack: SlackStandIn, channel: str) -> None:
    chat = bot_of(slack)
    began = time.time()
    slack.faults.add("reset_after", path="postMessage")
    with pytest.raises(UnknownOutcome):
        chat.post("C0SOCPRIVT" if "private" in channel else "C0SECALERT", DOCUMENT, "m-1")
    found = chat.find(channel, "m-1", began)
    assert found is not None and found.ts == slack.messages()[0].ts
    assert chat.find(channel, "m-2", began) is None
    assert slack.unknown_requests == []


def test_a_reply_is_looked_up_in_its_thread(slack: SlackStandIn) -> None:
    chat = bot_of(slack)
    first = chat.post("", DOCUMENT, "m-1")
    reply = chat.post(first.channel, DOCUMENT, "m-2", thread_ts=first.ts)
    assert chat.find(first.channel, "m-2", time.time() - 5, thread_ts=first.ts) == reply
    assert chat.find(first.channel, "m-3", time.time() - 5, thread_ts=first.ts) is None


def test_of_several_messages_with_a_marker_everybody_finds_the_oldest(slack: SlackStandIn) -> None:
    chat = bot_of(slack)
    oldest, *_ = [chat.post("", DOCUMENT, "m") for _ in range(3)]
    assert chat.find("", "m", LONG_AGO) == oldest
    first, *_ = [chat.post("", DOCUMENT, "r", thread_ts=oldest.ts) for _ in range(3)]
    assert chat.find("", "r", LONG_AGO, thread_ts=oldest.ts) == first


def test_the_look_up_goes_through_all_pages_since_the_task(slack: SlackStandIn) -> None:
    chat = bot_of(slack, Http(read_timeout=60.0))
    wanted = chat.post("", DOCUMENT, "the-one")
    for number in range(450):
        slack.store.save(Message(wanted.channel, f"{float(wanted.ts) + number + 1:.6f}", "chatter"))
    assert chat.find(wanted.channel, "the-one", time.time()) == wanted
    slack.requests.clear()
    assert chat.find(wanted.channel, "the-one", float(wanted.ts) + 3_600 + 440) is None
    assert len(slack.requests) == 1


def test_a_history_without_an_end_is_given_up(slack: SlackStandIn) -> None:
    page = {"ok": True, "messages": [], "response_metadata": {"next_cursor": "again"}}
    slack.faults.add("status", path="history", status=200, body=page, count=None)
    with pytest.raises(Unavailable, match="more than can be looked through"):
        bot_of(slack).find("C0SECALERT", "m", LONG_AGO)


@pytest.mark.parametrize("us", [{"bot_id": "B0SOMEBODY", "user_id": "U0SOMEBODY"}, {"user_id": "U0SOMEBODY"}])
def test_a_message_that_another_app_posted_is_not_ours(slack: SlackStandIn, us: dict[str, Any]) -> None:
    bot_of(slack).post("", DOCUMENT, "m")
    chat = bot_of(slack)
    slack.faults.add("status", path="auth.test", status=200, body={"ok": True, **us})
    assert chat.find("", "m", LONG_AGO) is None


def test_a_thread_that_is_gone_is_not_found(slack: SlackStandIn) -> None:
    with pytest.raises(NotFound):
        bot_of(slack).find("C0SECALERT", "m", LONG_AGO, thread_ts="1700000000.000001")
    with pytest.raises(NotFound):
        bot_of(slack).post("", DOCUMENT, "m", thread_ts="1700000000.000001")


def test_the_look_up_needs_a_scope_and_names_it(slack: SlackStandIn) -> None:
    slack.scopes = ["chat:write"]
    with pytest.raises(NotPermitted, match="needs channels:history"):
        bot_of(slack).find("C0SECALERT", "m", time.time())


def test_a_webhook_cannot_look_up_and_says_so(slack: SlackStandIn) -> None:
    chat = webhook_of(slack)
    assert not chat.can_look_up and bot_of(slack).can_look_up
    with pytest.raises(ConfigurationError, match="bot token"):
        chat.find("", "m", 0)


def test_the_permalink_is_slacks_own(slack: SlackStandIn) -> None:
    chat = bot_of(slack)
    posted = chat.post("", DOCUMENT, "m")
    assert posted.ts.replace(".", "") in chat.permalink(posted)
    assert chat.permalink(Posted("", "")) == ""
