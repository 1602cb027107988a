"""The Web API through Slack's own SDK: posting, threads, updates, reading back, reactions, and every kind of no."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from sandbox.slack import SlackStandIn

MARKER = {"event_type": "responder", "event_payload": {"marker": "m1"}}
ALERTS = "C0SECALERT"


def refusal(call: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
    """The answer of a call that Slack says no to: HTTP 200 with ``ok`` false."""
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    assert caught.value.response.status_code == 200
    answer: dict[str, Any] = caught.value.response.data
    assert answer["ok"] is False
    return answer


def test_who_am_i_and_what_may_i(client: WebClient) -> None:
    answer = client.auth_test()
    assert (answer["team"], answer["user"], answer["user_id"]) == ("Sandbox", "responder", "U0RESPONDR")
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


@pytest.mark.parametrize("name", ["security-alerts", "#security-alerts", ALERTS])
def test_a_message_goes_to_a_channel_by_name_or_id_and_answers_with_the_id(client: WebClient, slack, name: str) -> None:
    answer = client.chat_postMessage(channel=name, text="hello", unfurl_links=False, unfurl_media=False)
    assert (answer["channel"], answer["message"]["text"]) == (ALERTS, "hello")
    assert [(message.ts, message.text) for message in slack.messages(name)] == [(answer["ts"], "hello")]


def test_threads_updates_and_permalinks(client: WebClient, slack: SlackStandIn) -> None:
    parent = client.chat_postMessage(channel="security-alerts", text="parent")
    reply = client.chat_postMessage(channel=ALERTS, text="reply", thread_ts=parent["ts"])
    client.chat_update(channel=ALERTS, ts=parent["ts"], text="parent, changed")
    history = client.conversations_history(channel=ALERTS)["messages"]
    assert [(message["text"], message["reply_count"], "edited" in message) for message in history] == [
        ("parent, changed", 1, True)
    ]
    thread = client.conversations_replies(channel=ALERTS, ts=parent["ts"])["messages"]
    assert [message["ts"] for message in thread] == [parent["ts"], reply["ts"]]
    link = client.chat_getPermalink(channel=ALERTS, message_ts=reply["ts"])["permalink"]
    assert requests.get(link, timeout=5).status_code == 200
    client.chat_delete(channel=ALERTS, ts=reply["ts"])
    assert [message.text for message in slack.messages("security-alerts")] == ["parent, changed"]


def test_a_lost_message_is_found_by_its_metadata(client: WebClient, slack: SlackStandIn) -> None:
    slack.faults.add("reset_after", path="chat.postMessage")
    with pytest.raises(OSError):
        client.chat_postMessage(channel="security-alerts", text="lost", metadata=MARKER)
    (found,) = client.conversations_history(channel=ALERTS, include_all_metadata=True)["messages"]
    assert found["metadata"] == MARKER
    (bare,) = client.conversations_history(channel=ALERTS)["messages"]
    assert "metadata" not in bare, "metadata has to be asked for"


def test_history_is_newest_first_bounded_and_paged(client: WebClient) -> None:
    stamps = [client.chat_postMessage(channel="general", text=f"number {n}")["ts"] for n in range(5)]
    read = client.conversations_history
    first = read(channel="C0GENERAL1", limit=2)
    assert [message["ts"] for message in first["messages"]] == [stamps[4], stamps[3]]
    assert first["has_more"] is True
    second = read(channel="C0GENERAL1", limit=2, cursor=first["response_metadata"]["next_cursor"])
    assert [message["ts"] for message in second["messages"]] == [stamps[2], stamps[1]]
    later = read(channel="C0GENERAL1", oldest=stamps[2])["messages"]
    assert [message["ts"] for message in later] == [stamps[4], stamps[3]], "the bound itself is left out"
    between = read(channel="C0GENERAL1", oldest=stamps[1], latest=stamps[2], inclusive=True)["messages"]
    assert [message["ts"] for message in between] == [stamps[2], stamps[1]]


def test_reactions_are_peoples_and_the_bots(client: WebClient, slack: SlackStandIn) -> None:
    ts = client.chat_postMessage(channel="security-alerts", text="approve?")["ts"]
    client.reactions_add(channel=ALERTS, name="white_check_mark", timestamp=ts)
    slack.react("security-alerts", ts, "white_check_mark", "U0ALICE001")
    slack.react("security-alerts", ts, "+1::skin-tone-2", "U0BOB00001")
    full = client.reactions_get(channel=ALERTS, timestamp=ts, full=True)["message"]["reactions"]
    assert [(one["name"], one["users"], one["count"]) for one in full] == [
        ("white_check_mark", ["U0RESPONDR", "U0ALICE001"], 2),
        ("+1::skin-tone-2", ["U0BOB00001"], 1),
    ]
    partial = client.reactions_get(channel=ALERTS, timestamp=ts)["message"]["reactions"]
    assert (partial[0]["users"], partial[0]["count"]) == (["U0RESPONDR"], 2), "users may be partial without full"
    slack.unreact("security-alerts", ts, "white_check_mark", "U0ALICE001")
    assert slack.messages("security-alerts")[0].reactions["white_check_mark"] == ("U0RESPONDR",)
    assert (
        refusal(client.reactions_add, channel=ALERTS, name="white_check_mark", timestamp=ts)["error"]
        == "already_reacted"
    )
    assert refusal(client.reactions_add, channel=ALERTS, name="No!", timestamp=ts)["error"] == "invalid_name"


def test_channels_and_people(client: WebClient) -> None:
    public = client.conversations_list(exclude_archived=True)["channels"]
    assert [channel["name"] for channel in public] == ["security-alerts", "general", "not-joined"]
    first = client.conversations_list(types="public_channel,private_channel", limit=3)
    cursor = first["response_metadata"]["next_cursor"]
    rest = client.conversations_list(types="public_channel,private_channel", limit=3, cursor=cursor)
    assert [channel["name"] for channel in rest["channels"]] == ["not-joined", "old-incidents"]
    assert client.conversations_info(channel=ALERTS)["channel"]["is_member"] is True
    assert client.users_info(user="U0ALICE001")["user"]["real_name"] == "Alice Arnold"
    client.conversations_join(channel="C0NOTJOIND")
    assert client.chat_postMessage(channel="not-joined", text="here now")["ok"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "nowhere", "text": "x"}, "channel_not_found"),
        ({"channel": "not-joined", "text": "x"}, "not_in_channel"),
        ({"channel": "old-incidents", "text": "x"}, "is_archived"),
        ({"channel": "general", "text": " "}, "no_text"),
        ({"channel": "general", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "general", "text": "x", "thread_ts": "1700000000.000001"}, "thread_not_found"),
        ({"channel": "general", "text": "x", "thread_ts": "yesterday"}, "invalid_thread_ts"),
        ({"channel": "general", "text": "x", "metadata": {"marker": 1}}, "invalid_metadata_format"),
        ({"channel": "general", "text": "x", "blocks": [{"type": "marquee"}]}, "invalid_blocks"),
        ({"channel": "general", "text": "x", "blocks": "nonsense"}, "invalid_blocks_format"),
        ({"channel": "general", "text": "x", "username": "ceo"}, "missing_scope"),
        ({"channel": "general", "text": "x", "as_user": True}, "as_user_not_supported"),
        ({"channel": "general", "text": "x", "color": "red"}, "invalid_arg_name"),
    ],
)
def test_posting_is_refused_as_slack_refuses_it(client: WebClient, slack, arguments: dict, error: str) -> None:
    assert refusal(client.chat_postMessage, **arguments)["error"] == error
    assert slack.messages() == []


def test_a_reply_cannot_have_replies(client: WebClient) -> None:
    parent = client.chat_postMessage(channel="general", text="parent")["ts"]
    reply = client.chat_postMessage(channel="general", text="reply", thread_ts=parent)["ts"]
    answer = refusal(client.chat_postMessage, channel="general", text="x", thread_ts=reply)
    assert answer["error"] == "cannot_reply_to_message"


def test_later_calls_need_the_id_of_the_channel(client: WebClient) -> None:
    ts = client.chat_postMessage(channel="general", text="x")["ts"]
    assert refusal(client.chat_update, channel="general", ts=ts, text="y")["error"] == "channel_not_found"
    assert refusal(client.conversations_history, channel="general")["error"] == "channel_not_found"
    wrong = "1700000000.000001"
    assert refusal(client.chat_update, channel="C0GENERAL1", ts=wrong, text="y")["error"] == "message_not_found"
    assert refusal(client.conversations_replies, channel="C0GENERAL1", ts=wrong)["error"] == "thread_not_found"


def test_tokens_and_scopes(client: WebClient, slack: SlackStandIn) -> None:
    wrong = WebClient(token="xoxb-wrong", base_url=slack.api_url)
    assert refusal(wrong.auth_test)["error"] == "invalid_auth"
    assert requests.post(slack.api_url + "auth.test", timeout=5).json() == {"ok": False, "error": "not_authed"}
    slack.scopes = ["chat:write"]
    answer = refusal(client.conversations_history, channel=ALERTS)
    assert (answer["error"], answer["needed"], answer["provided"]) == (
        "missing_scope",
        "channels:history",
        "chat:write",
    )
    slack.scopes = ["channels:history"]
    assert refusal(client.chat_postMessage, channel="general", text="x")["needed"] == "chat:write"
    slack.scopes = ["chat:write", "chat:write.public"]
    assert client.chat_postMessage(channel="not-joined", text="x")["ok"]


def test_unknown_methods_and_arguments_are_told(client: WebClient, slack: SlackStandIn) -> None:
    assert refusal(client.api_call, api_method="chat.shout", json={})["error"] == "unknown_method"
    answer = refusal(client.api_call, api_method="auth.test", json={"color": "red"})
    assert answer["response_metadata"]["messages"] == ["[ERROR] unknown argument: color"]
    assert (
        refusal(client.api_call, api_method="users.info", json={"user": "U0ALICE001"})["error"] == "invalid_post_type"
    )
    assert [entry.path for entry in slack.unknown_requests] == ["/api/chat.shout", "/api/auth.test", "/api/users.info"]


def test_rate_limits_are_429_and_the_sdks_own_handler_waits_for_them(client: WebClient, slack: SlackStandIn) -> None:
    slack.faults.add("rate_limit", retry_after=7, path="chat.postMessage")
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="general", text="x")
    response = caught.value.response
    assert (response.status_code, response["error"], response.headers["Retry-After"]) == (429, "ratelimited", "7")
    slack.faults.add("rate_limit", retry_after=0, path="chat.postMessage")
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    assert client.chat_postMessage(channel="general", text="x")["ok"]
    assert len(slack.messages("general")) == 1


def test_form_data_is_taken_as_well_as_json(slack: SlackStandIn) -> None:
    form = {
        "token": slack.credentials.bot_token,
        "channel": "general",
        "text": "x",
        "blocks": '[{"type": "divider"}]',
        "unfurl_links": "false",
    }
    assert requests.post(slack.api_url + "chat.postMessage", data=form, timeout=5).json()["ok"]
    assert slack.messages("general")[0].blocks == [{"type": "divider"}]


def test_the_state_outlives_the_process_in_a_file(tmp_path) -> None:
    path = str(tmp_path / "slack.sqlite")
    with SlackStandIn(db=path) as first:
        WebClient(token=first.credentials.bot_token, base_url=first.api_url).chat_postMessage(
            channel="general", text="x"
        )
        token, hook = first.credentials.bot_token, first.webhook_secret
    with SlackStandIn(db=path) as second:
        assert (second.credentials.bot_token, second.webhook_secret) == (token, hook)
        assert [message.text for message in second.messages()] == ["x"]
