"""What goes wrong between us and Slack: nothing is sent twice, and an outcome that is not known is never guessed."""

from __future__ import annotations

from typing import Any

import pytest
from outward_clients import CHANNEL, DOCUMENT, HTTP, LONG_AGO, bot_of, patience, webhook_of
from responder.errors import (
    ConfigurationError,
    Curable,
    NotFound,
    NotPermitted,
    Rejected,
    ResponderError,
    Unavailable,
    UnknownOutcome,
)
from responder.settings.model import Http, SlackWorkspace
from responder.settings.secret import Secret
from responder.slack.client import Chat

from sandbox.slack import SlackStandIn

#: What is no answer to a message, though its status says that it was taken.
ODD_BODIES = [
    "{}",
    "null",
    "[]",
    "true",
    '"ok"',
    "",
    "<html>log in</html>",
    '{"ok": true}',
    '{"ok": true, "ts": "1700000000.000001"}',
    '{"ok": true, "channel": "C0SECALERT"}',
    '{"ok": true, "channel": {"id": "C0SECALERT"}, "ts": "1700000000.000001"}',
    '{"ok": true, "channel": "C0SECALERT", "ts": null}',
    '{"ok": true, "channel": "C0SECALERT", "ts": "soon"}',
    '{"ok": "true", "channel": "C0SECALERT", "ts": "1700000000.000001"}',
    '{"ok": false}',
    '{"ok": false, "error": null}',
    '{"ok": false, "error": {"code": 1}}',
    '{"ok": true, "channel": "C0SECAL',
    "[" * 100_000,
]

# The effect happened, and the answer is odd


@pytest.mark.parametrize("body", ODD_BODIES)
def test_a_message_whose_answer_is_odd_is_looked_up(slack: SlackStandIn, body: str) -> None:
    slack.faults.add("status_after", status=200, body=body)
    with pytest.raises(UnknownOutcome):
        bot_of(slack).post("", DOCUMENT, "m")
    assert len(slack.requests) == len(slack.messages()) == 1


@pytest.mark.parametrize("body", ["", "OK!", "{}", "null", "<html>log in</html>", "channel_not_found"])
def test_a_webhook_whose_answer_is_odd_may_have_posted(slack: SlackStandIn, body: str) -> None:
    slack.faults.add("status_after", status=200, body=body)
    with pytest.raises(UnknownOutcome):
        webhook_of(slack).post("", DOCUMENT, "m")
    assert len(slack.requests) == len(slack.messages()) == 1


@pytest.mark.parametrize("client", [bot_of, webhook_of])
@pytest.mark.parametrize("status", [302, 303, 402, 406, 408, 409, 418, 499, 500, 502, 503, 504, 520, 599])
@pytest.mark.parametrize("body", ["<html>oops</html>", "x y z", '{"ok": true}'])
def test_a_message_that_may_have_been_posted_is_looked_up(
    slack: SlackStandIn, client: Any, status: int, body: str
) -> None:
    slack.faults.add("status_after", status=status, body=body, headers={"Retry-After": "3", "Location": "/login"})
    with pytest.raises(UnknownOutcome):
        client(slack).post("", DOCUMENT, "m")
    assert len(slack.requests) == len(slack.messages()) == 1


@pytest.mark.parametrize("client", [bot_of, webhook_of])
@pytest.mark.parametrize("status", [301, 307, 308, 400, 403, 404, 405, 413, 421, 423, 425, 429, 431])
def test_a_message_that_certainly_was_not_posted_can_be_repeated(
    slack: SlackStandIn, client: Any, status: int
) -> None:
    slack.faults.add("status", status=status, body="<html>no</html>", headers={"Location": "/elsewhere"})
    with pytest.raises(Unavailable):
        client(slack).post("", DOCUMENT, "m")
    assert len(slack.requests) == 1


# Slack's own errors


@pytest.mark.parametrize(
    ("channel", "error", "text"),
    [
        ("no-such-channel", Curable, "channel_not_found.*Correct the channel"),
        ("old-incidents", Curable, "is_archived.*Choose another"),
        ("not-joined", NotPermitted, "not_in_channel.*Invite the app"),
    ],
)
def test_a_channel_that_cannot_be_posted_to_says_why(
    slack: SlackStandIn, channel: str, error: type[ResponderError], text: str
) -> None:
    with pytest.raises(error, match=text):
        bot_of(slack).post(channel, DOCUMENT, "m")


def test_a_missing_scope_is_named(slack: SlackStandIn) -> None:
    slack.scopes = ["channels:read"]
    with pytest.raises(NotPermitted, match="missing_scope: needs chat:write, has channels:read"):
        bot_of(slack).post("", DOCUMENT, "m")


@pytest.mark.parametrize("token", ["xoxb-wrong", "xoxb-\u2603", "xoxb-\nx"])
def test_a_wrong_token_says_what_to_do(slack: SlackStandIn, token: str) -> None:
    with pytest.raises((NotPermitted, ConfigurationError), match="bot token") as caught:
        bot_of(slack, bot_token=Secret(token)).post("", DOCUMENT, "m")
    assert token not in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("token_revoked", NotPermitted),
        ("account_inactive", NotPermitted),
        ("restricted_action", NotPermitted),
        ("channel_not_found", Curable),
        ("messages_tab_disabled", Curable),
        ("app_access_restricted", NotPermitted),
        ("external_channel_migrating", Unavailable),
        ("block_mismatch", Unavailable),
        ("thread_not_found", NotFound),
        ("message_not_found", NotFound),
        ("cannot_reply_to_message", NotFound),
        ("ratelimited", Unavailable),
        ("message_limit_exceeded", Unavailable),
        ("request_timeout", Unavailable),
        ("service_unavailable", UnknownOutcome),
        ("internal_error", UnknownOutcome),
        ("fatal_error", UnknownOutcome),
        ("an_error_of_tomorrow", UnknownOutcome),
    ],
)
def test_each_of_slacks_errors_is_a_decision(slack: SlackStandIn, code: str, error: type[ResponderError]) -> None:
    slack.faults.add("status", status=200, body={"ok": False, "error": code})
    with pytest.raises(error, match=code):
        bot_of(slack).post("", DOCUMENT, "m")
    assert len(slack.requests) == 1


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_too_long", "msg_blocks_too_long", "invalid_arguments"])
def test_a_message_that_slack_cannot_take_is_tried_again_by_the_hour(slack: SlackStandIn, code: str) -> None:
    """A new version of the app may cure it, so it is never final."""
    messages = {"messages": ["[ERROR] must be less than 3001 characters"]}
    slack.faults.add("status", status=200, body={"ok": False, "error": code, "response_metadata": messages})
    with pytest.raises(Unavailable, match=f"{code}: .*3001.*report it") as caught:
        bot_of(slack).post("", DOCUMENT, "m")
    assert caught.value.retry_after == 3600


@pytest.mark.parametrize("code", ["an_error_of_tomorrow", "internal_error", "service_unavailable", "invalid_arguments"])
def test_no_error_of_slack_is_final(slack: SlackStandIn, code: str) -> None:
    for call in ("read", "post"):
        slack.faults.add("status", status=200, body={"ok": False, "error": code})
        with pytest.raises((Unavailable, UnknownOutcome)) as caught:
            bot_of(slack).check() if call == "read" else bot_of(slack).post("", DOCUMENT, "m")
        assert not isinstance(caught.value, Rejected)


# No answer at all

FAULTS = [
    ({"kind": "rate_limit", "retry_after": 7}, Unavailable),
    ({"kind": "reset"}, UnknownOutcome),
    ({"kind": "reset_after"}, UnknownOutcome),
    ({"kind": "timeout", "seconds": 2}, UnknownOutcome),
    ({"kind": "timeout_after", "seconds": 2}, UnknownOutcome),
]


@pytest.mark.parametrize("client", [bot_of, webhook_of])
@pytest.mark.parametrize(("fault", "error"), FAULTS)
def test_a_message_without_an_answer_is_sent_once_and_its_outcome_never_guessed(
    slack: SlackStandIn,
    client: Any,
    fault: dict[str, Any],
    error: type[ResponderError],
    capfd: pytest.CaptureFixture[str],
    logged: list[str],
) -> None:
    slack.faults.add(**fault)
    with pytest.raises(error) as caught:
        client(slack, patience(fault)).post("", DOCUMENT, "m")
    assert len(slack.requests) == 1
    assert caught.value.__cause__ is None and "\n" not in str(caught.value)
    shown = str(caught.value) + repr(caught.value) + "".join(capfd.readouterr()) + "".join(logged)
    for secret in (slack.credentials.bot_token, slack.credentials.webhook_url, slack.webhook_secret):
        assert secret not in shown


def test_a_message_that_is_posted_leaves_no_secret_in_the_log(
    slack: SlackStandIn, capfd: pytest.CaptureFixture[str], logged: list[str]
) -> None:
    bot_of(slack).post("", DOCUMENT, "m")
    webhook_of(slack).post("", DOCUMENT, "m")
    shown = "".join(capfd.readouterr()) + "".join(logged)
    for secret in (slack.credentials.bot_token, slack.webhook_secret):
        assert secret not in shown


def test_a_read_that_fails_can_be_repeated(slack: SlackStandIn) -> None:
    for fault in ("reset", "status"):
        slack.faults.add(fault, status=500)
        with pytest.raises(Unavailable):
            bot_of(slack).check()


@pytest.mark.parametrize("body", ODD_BODIES)
def test_a_read_whose_answer_is_odd_can_be_repeated(slack: SlackStandIn, body: str) -> None:
    chat = bot_of(slack)
    posted = chat.post("", DOCUMENT, "m")
    slack.faults.add("status", path="history|getPermalink", status=200, body=body, count=None)
    with pytest.raises(Unavailable):
        chat.find(posted.channel, "m", LONG_AGO)
    with pytest.raises(Unavailable):
        chat.permalink(posted)


def test_the_wait_that_slack_asks_for_is_handed_on(slack: SlackStandIn) -> None:
    for client in (bot_of, webhook_of):
        slack.faults.add("rate_limit", retry_after=11)
        with pytest.raises(Unavailable) as caught:
            client(slack).post("", DOCUMENT, "m")
        assert caught.value.retry_after == 11
    assert slack.messages() == []


# What is certainly not sent


def test_a_slack_that_is_not_there_was_not_posted_to(slack: SlackStandIn, closed_port: int) -> None:
    address = f"http://127.0.0.1:{closed_port}"
    with pytest.raises(Unavailable, match="refused"):
        bot_of(slack, api_url=address + "/api").post("", DOCUMENT, "m")
    with pytest.raises(Unavailable, match="refused") as caught:
        webhook_of(slack, url=address + "/services/T0/B0/sesame").post("", DOCUMENT, "m")
    assert "sesame" not in str(caught.value)


def test_the_password_of_the_proxy_is_never_shown(closed_port: int) -> None:
    workspace = SlackWorkspace("test", "bot", bot_token=Secret("xoxb-1"), default_channel=CHANNEL)
    proxy = Secret(f"http://me:sesame@127.0.0.1:{closed_port}")
    with pytest.raises(Unavailable, match="the proxy cannot be reached") as caught:
        Chat(workspace, Http(proxy_url=proxy, connect_timeout=1, read_timeout=1)).check()
    assert "sesame" not in str(caught.value)


def test_a_token_goes_to_no_other_host(slack: SlackStandIn) -> None:
    with SlackStandIn() as other:
        slack.faults.add("status", status=302, headers={"Location": f"{other.url}/api/chat.postMessage"})
        with pytest.raises(UnknownOutcome):
            bot_of(slack).post("", DOCUMENT, "m")
        leftover = Secret(slack.credentials.bot_token)
        url = Secret(slack.credentials.webhook_url)
        Chat(SlackWorkspace("test", "webhook", bot_token=leftover, webhook_url=url), HTTP).post("", DOCUMENT, "m")
        assert other.requests == []
    assert "Authorization" not in slack.requests[-1].headers
