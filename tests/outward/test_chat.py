"""Messages over real HTTP, against a strict stand-in of Slack that misbehaves when told to."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from responder.documents import messages
from responder.documents.document import Document, Heading, Paragraph, code, plain
from responder.errors import ConfigurationError, NotPermitted, Rejected, ResponderError, Unavailable, UnknownOutcome
from responder.findings.finding import Finding
from responder.settings.model import Http, SlackWorkspace
from responder.settings.secret import Secret
from responder.slack.client import Chat, Posted

from sandbox.slack import SlackStandIn

HTTP = Http(connect_timeout=5.0, read_timeout=5.0)
#: For answers that never come.
IMPATIENT = Http(connect_timeout=0.4, read_timeout=0.4)
DOCUMENT = Document((Heading("Trail stopped", 1), Paragraph((plain("by "), code("mallory")))))
CHANNEL = "security-alerts"


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as standin:
        yield standin


def bot(slack: SlackStandIn, http: Http = HTTP, **changes: Any) -> Chat:
    own = slack.credentials
    known: dict[str, Any] = {
        "name": "test",
        "auth_type": "bot",
        "bot_token": Secret(own.bot_token),
        "default_channel": CHANNEL,
        "api_url": own.api_url.rstrip("/"),
    }
    return Chat(SlackWorkspace(**{**known, **changes}), http)


def hook(slack: SlackStandIn, http: Http = HTTP, url: str = "") -> Chat:
    return Chat(SlackWorkspace("test", "webhook", webhook_url=Secret(url or slack.credentials.webhook_url)), http)


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """Everything logged at any level on our side of the wire."""
    lines: list[str] = []

    class Ours(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            # The stand-in's own log is the other side's.
            if not record.name.startswith("sandbox"):
                lines.append(record.getMessage())

    handler = Ours()
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(handler)
    root.setLevel(before)


# What is sent


def test_a_message_is_one_request_and_carries_its_marker(slack: SlackStandIn) -> None:
    posted = bot(slack).post("#security-alerts", DOCUMENT, "c0ffee.slack")
    seen = slack.messages(CHANNEL)[0]
    assert posted == Posted("C0SECALERT", seen.ts)
    assert len(slack.requests) == 1 and slack.unknown_requests == []
    assert seen.metadata["event_payload"] == {"marker": "c0ffee.slack"}
    assert "Trail stopped" in seen.text and "mallory" in seen.visible_text
    sent = slack.requests[0].json
    assert sent["unfurl_links"] is False and sent["unfurl_media"] is False and sent["mrkdwn"] is False


def test_a_reply_goes_into_the_thread(slack: SlackStandIn) -> None:
    chat = bot(slack)
    first = chat.post("", DOCUMENT, "m-1")
    chat.post(first.channel, DOCUMENT, "m-2", thread_ts=first.ts)
    assert [message.thread_ts for message in slack.messages(CHANNEL)] == ["", first.ts]


def test_a_whole_finding_is_taken_and_nobody_is_called(
    slack: SlackStandIn, finding: Finding, outcome: dict[str, Any]
) -> None:
    evil = "<!channel> <@U0ALICE001> <http://evil.example|click>"
    hostile = Finding.from_dict({**finding.to_dict(), "user": evil, "user_agent": evil, "reason": evil})
    outcome["message"] = evil
    case = {"results_link": "https://splunk.example/x"}
    chat = bot(slack)
    chat.post("", messages.slack_finding(hostile, {"owner": evil}, case, [outcome]), "m")
    chat.post("", messages.slack_recurrence(hostile, hostile.event_ids), "m")
    chat.post("", messages.slack_remediation(outcome), "m")
    hook(slack).post("", messages.slack_finding(hostile, {"owner": evil}, case, [outcome]), "m")
    assert len(slack.messages()) == 4
    for seen in slack.messages():
        assert not seen.mentions
        assert all("splunk.example" in link or "attack.mitre.org" in link for link in seen.live)


def test_without_any_channel_nothing_is_sent(slack: SlackStandIn) -> None:
    with pytest.raises(ConfigurationError, match="no channel is set"):
        bot(slack, default_channel="").post("", DOCUMENT, "m")
    assert slack.requests == []


# Finding what was done


@pytest.mark.parametrize("channel", [CHANNEL, "#security-alerts", "C0SECALERT", "soc-private"])
def test_after_a_lost_answer_the_message_is_found_and_not_posted_again(slack: SlackStandIn, channel: str) -> None:
    chat = bot(slack)
    began = time.time()
    slack.faults.add("reset_after", path="postMessage")
    with pytest.raises(UnknownOutcome):
        chat.post("C0SOCPRIVT" if "private" in channel else channel, DOCUMENT, "m-1")
    found = chat.find(channel, "m-1", began)
    assert found is not None and found.ts == slack.messages()[0].ts
    assert chat.find(channel, "m-2", began) is None
    assert slack.unknown_requests == []


def test_a_reply_is_looked_up_in_its_thread(slack: SlackStandIn) -> None:
    chat = bot(slack)
    first = chat.post("", DOCUMENT, "m-1")
    reply = chat.post(first.channel, DOCUMENT, "m-2", thread_ts=first.ts)
    assert chat.find(first.channel, "m-2", time.time() - 5, thread_ts=first.ts) == reply
    assert chat.find(first.channel, "m-3", time.time() - 5, thread_ts=first.ts) is None


def test_the_look_up_goes_through_all_pages(slack: SlackStandIn) -> None:
    chat = bot(slack)
    began = time.time()
    wanted = chat.post("", DOCUMENT, "the-one")
    for number in range(110):
        chat.post(wanted.channel, DOCUMENT, f"other-{number}")
    slack.requests.clear()
    assert chat.find(wanted.channel, "the-one", began) == wanted
    assert len(slack.requests) == 2


def test_the_look_up_needs_a_scope_and_names_it(slack: SlackStandIn) -> None:
    slack.scopes = ["chat:write"]
    with pytest.raises(NotPermitted, match="needs channels:history"):
        bot(slack).find("C0SECALERT", "m", time.time())


def test_a_webhook_cannot_look_up_and_says_so(slack: SlackStandIn) -> None:
    chat = hook(slack)
    assert not chat.can_look_up and bot(slack).can_look_up
    with pytest.raises(ConfigurationError, match="bot token"):
        chat.find("", "m", 0)


def test_the_permalink_is_slacks_own(slack: SlackStandIn) -> None:
    chat = bot(slack)
    posted = chat.post("", DOCUMENT, "m")
    assert posted.ts.replace(".", "") in chat.permalink(posted)
    assert chat.permalink(Posted("", "")) == ""


# What Slack refuses


@pytest.mark.parametrize(
    ("channel", "error", "said"),
    [
        ("no-such-channel", ConfigurationError, "channel_not_found.*Correct the channel"),
        ("old-incidents", ConfigurationError, "is_archived.*Choose another"),
        ("not-joined", NotPermitted, "not_in_channel.*Invite the app"),
    ],
)
def test_a_channel_that_cannot_be_told_says_why(
    slack: SlackStandIn, channel: str, error: type[ResponderError], said: str
) -> None:
    with pytest.raises(error, match=said):
        bot(slack).post(channel, DOCUMENT, "m")


def test_a_missing_scope_is_named(slack: SlackStandIn) -> None:
    slack.scopes = ["channels:read"]
    with pytest.raises(NotPermitted, match="missing_scope: needs chat:write, has channels:read"):
        bot(slack).post("", DOCUMENT, "m")


@pytest.mark.parametrize("token", ["xoxb-wrong", "xoxb-\u2603", "xoxb-\nx"])
def test_a_wrong_token_says_what_to_do(slack: SlackStandIn, token: str) -> None:
    with pytest.raises((NotPermitted, ConfigurationError), match="bot token") as caught:
        bot(slack, bot_token=Secret(token)).post("", DOCUMENT, "m")
    assert token not in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("token_revoked", NotPermitted),
        ("account_inactive", NotPermitted),
        ("restricted_action", NotPermitted),
        ("channel_not_found", ConfigurationError),
        ("invalid_blocks", Rejected),
        ("msg_too_long", Rejected),
        ("ratelimited", Unavailable),
        ("service_unavailable", Unavailable),
        ("request_timeout", Unavailable),
        ("internal_error", UnknownOutcome),
        ("fatal_error", UnknownOutcome),
    ],
)
def test_each_of_slacks_errors_is_a_decision(slack: SlackStandIn, code: str, error: type[ResponderError]) -> None:
    slack.faults.add("status", status=200, body={"ok": False, "error": code})
    with pytest.raises(error, match=code):
        bot(slack).post("", DOCUMENT, "m")
    assert len(slack.requests) == 1


# What goes wrong on the way

FAULTS = [
    ({"kind": "status", "status": 500, "body": "<html>oops</html>"}, UnknownOutcome),
    ({"kind": "status", "status": 504, "body": "x"}, UnknownOutcome),
    ({"kind": "status", "status": 503, "body": "<html>oops</html>"}, Unavailable),
    ({"kind": "status", "status": 200, "body": "<html>log in</html>"}, UnknownOutcome),
    ({"kind": "rate_limit", "retry_after": 7}, Unavailable),
    ({"kind": "reset"}, UnknownOutcome),
    ({"kind": "reset_after"}, UnknownOutcome),
    ({"kind": "timeout", "seconds": 2}, UnknownOutcome),
    ({"kind": "timeout_after", "seconds": 2}, UnknownOutcome),
]


@pytest.mark.parametrize("way", [bot, hook])
@pytest.mark.parametrize(("fault", "error"), FAULTS)
def test_a_message_that_fails_is_sent_once_and_its_outcome_never_guessed(
    slack: SlackStandIn,
    way: Any,
    fault: dict[str, Any],
    error: type[ResponderError],
    capfd: pytest.CaptureFixture[str],
    logged: list[str],
) -> None:
    slack.faults.add(**fault)
    with pytest.raises(error) as caught:
        way(slack, IMPATIENT if fault["kind"].startswith("timeout") else HTTP).post("", DOCUMENT, "m")
    assert len(slack.requests) == 1
    assert caught.value.__cause__ is None and "\n" not in str(caught.value)
    said = str(caught.value) + repr(caught.value) + "".join(capfd.readouterr()) + "".join(logged)
    for secret in (slack.credentials.bot_token, slack.credentials.webhook_url, slack.webhook_secret):
        assert secret not in said


def test_a_read_that_fails_can_be_repeated(slack: SlackStandIn) -> None:
    for fault in ("reset", "status"):
        slack.faults.add(fault, status=500)
        with pytest.raises(Unavailable):
            bot(slack).check()


def test_the_wait_that_slack_asks_for_is_handed_on(slack: SlackStandIn) -> None:
    for way in (bot, hook):
        slack.faults.add("rate_limit", retry_after=11)
        with pytest.raises(Unavailable) as caught:
            way(slack).post("", DOCUMENT, "m")
        assert caught.value.retry_after == 11
    assert slack.messages() == []


def test_a_slack_that_is_not_there_was_not_told(slack: SlackStandIn) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(Unavailable, match="refused"):
            bot(slack, api_url=address + "/api").post("", DOCUMENT, "m")
        with pytest.raises(Unavailable, match="refused") as caught:
            hook(slack, url=address + "/services/T0/B0/sesame").post("", DOCUMENT, "m")
    assert "sesame" not in str(caught.value)


def test_a_socks_proxy_is_a_setting_to_correct(slack: SlackStandIn) -> None:
    workspace = SlackWorkspace("test", "bot", bot_token=Secret("xoxb-1"), default_channel=CHANNEL)
    with pytest.raises(ConfigurationError, match="SOCKS"):
        Chat(workspace, Http(proxy_url=Secret("socks5://p.example:1080"))).check()


def test_the_password_of_the_proxy_is_never_told(slack: SlackStandIn) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        proxy = Secret(f"http://me:sesame@127.0.0.1:{closed.getsockname()[1]}")
        workspace = SlackWorkspace("test", "bot", bot_token=Secret("xoxb-1"), default_channel=CHANNEL)
        with pytest.raises(Unavailable) as caught:
            Chat(workspace, Http(proxy_url=proxy, read_timeout=1)).check()
    assert "sesame" not in str(caught.value)


# Webhooks


def test_a_webhook_posts_and_gives_nothing_back(slack: SlackStandIn) -> None:
    assert hook(slack).post("ignored", DOCUMENT, "m", thread_ts="1.2") == Posted("", "")
    seen = slack.messages(CHANNEL)[0]
    assert seen.via == "webhook" and "Trail stopped" in seen.text and seen.thread_ts == ""
    assert "channel" not in slack.requests[0].json


def test_a_webhook_that_is_gone_says_what_to_do(slack: SlackStandIn) -> None:
    url = slack.credentials.webhook_url
    with pytest.raises(ConfigurationError, match="create a new one"):
        hook(slack, url=url[:-1] + ("0" if url[-1] != "0" else "1")).post("", DOCUMENT, "m")
    slack.webhook_channel = "old-incidents"
    with pytest.raises(ConfigurationError, match="channel_is_archived"):
        hook(slack).post("", DOCUMENT, "m")


# The test button of the setup page


def test_the_check_names_workspace_and_user_and_posts_nothing(slack: SlackStandIn) -> None:
    assert bot(slack).check() == (
        "Connected to Slack workspace Sandbox as responder, who may post in #security-alerts."
    )
    assert "no default channel" in bot(slack, default_channel="").check()
    assert slack.messages() == []


@pytest.mark.parametrize(
    ("channel", "error", "said"),
    [
        ("no-such", ConfigurationError, "no channel #no-such"),
        ("not-joined", NotPermitted, "not in channel #not-joined.*/invite"),
        ("C0OLDINCID", ConfigurationError, "archived"),
        ("C0NOSUCH999", ConfigurationError, "channel_not_found"),
    ],
)
def test_the_check_tells_what_is_wrong_with_the_channel(
    slack: SlackStandIn, channel: str, error: type[ResponderError], said: str
) -> None:
    with pytest.raises(error, match=said):
        bot(slack, default_channel=channel).check()


def test_the_check_tells_of_scopes_that_are_missing(slack: SlackStandIn) -> None:
    slack.scopes = ["chat:write"]
    assert "Without channels:history, channels:read it cannot look up" in bot(slack).check()
    slack.scopes = ["channels:read"]
    with pytest.raises(NotPermitted, match="lacks the scope chat:write"):
        bot(slack).check()


def test_the_check_of_a_webhook_is_honest_about_what_it_did_not_do(slack: SlackStandIn) -> None:
    assert "not tested" in hook(slack).check()
    assert slack.requests == []
    for address in (
        "https://example.com/services/T0/B0/x",
        "https://hooks.slack.com/",
        "https://hooks.slack.com.evil.example/services/x",
    ):
        with pytest.raises(ConfigurationError, match="hooks.slack.com"):
            hook(slack, url=address).check()


# What Slack publishes


def test_what_is_sent_is_what_slack_describes(slack: SlackStandIn, published: Any) -> None:
    bot(slack).post("", DOCUMENT, "m")
    sent = set(json.loads(slack.requests[0].body))
    # The description is older than message metadata.
    assert sent - {"metadata"} <= published("slack-web-api.swagger2.json").query("/chat.postMessage", "post")
