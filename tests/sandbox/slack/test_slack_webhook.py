"""The incoming webhook through Slack's own SDK, which never raises: the status and the word tell."""

from __future__ import annotations

import pytest
import requests
from slack_blocks import section
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from sandbox.slack import SlackStandIn


def test_a_message_is_answered_with_ok_and_goes_to_the_bound_channel(slack: SlackStandIn) -> None:
    answer = WebhookClient(slack.webhook_url).send(text="hello", blocks=[section("hello")], unfurl_links=False)
    assert (answer.status_code, answer.body) == (200, "ok")
    (message,) = slack.messages("security-alerts")
    assert (message.text, message.via) == ("hello", "webhook")


def test_channel_name_and_icon_are_those_of_the_slack_app_whatever_a_payload_asks_for(slack: SlackStandIn) -> None:
    wanted = {
        "channel": "#general",
        "username": "Splunk",
        "icon_emoji": ":fire:",
        "icon_url": "https://example.com/a.png",
    }
    answer = WebhookClient(slack.webhook_url).send_dict({"text": "hello", **wanted})
    assert (answer.status_code, answer.body, slack.unknown_requests) == (200, "ok", [])
    (message,) = slack.messages()
    assert message in slack.messages("security-alerts")
    with_a_token = WebClient(slack.credentials.bot_token, base_url=slack.api_url)
    seen = with_a_token.conversations_history(channel=message.channel)["messages"][0]
    assert (seen["text"], seen.get("username"), seen.get("icons")) == ("hello", None, None)


@pytest.mark.parametrize(
    ("payload", "status", "word"),
    [
        ({"text": ""}, 400, "no_text"),
        ({"text": "x", "color": "red"}, 400, "invalid_payload"),
        ({"text": "x", "blocks": [section("x" * 3001)]}, 400, "invalid_blocks"),
        ({"text": "x" * 40_001}, 400, "msg_too_long"),
    ],
)
def test_a_bad_payload_is_refused(slack: SlackStandIn, payload: dict, status: int, word: str) -> None:
    answer = WebhookClient(slack.webhook_url).send_dict(payload)
    assert (answer.status_code, answer.body) == (status, word)
    assert slack.messages() == []


@pytest.mark.parametrize("body", ["{", "[]", '"x"'])
def test_what_is_no_json_object_is_refused(slack: SlackStandIn, body: str) -> None:
    answer = requests.post(slack.webhook_url, data=body, timeout=5)
    assert (answer.status_code, answer.text) == (400, "invalid_payload")


def test_the_old_form_is_taken(slack: SlackStandIn) -> None:
    assert requests.post(slack.webhook_url, data={"payload": '{"text": "x"}'}, timeout=5).text == "ok"


def test_each_part_of_the_address_counts(slack: SlackStandIn) -> None:
    team, service, secret = slack.webhook_url.rsplit("/", 3)[1:]
    for wrong, status, word in (
        (f"T0OTHER/{service}/{secret}", 404, "no_team"),
        (f"{team}/B0OTHER/{secret}", 404, "no_service"),
        (f"{team}/{service}/wrong", 403, "invalid_token"),
    ):
        answer = WebhookClient(f"{slack.url}/services/{wrong}").send(text="x")
        assert (answer.status_code, answer.body) == (status, word)


def test_the_channel_may_be_gone_or_archived(slack: SlackStandIn) -> None:
    hook = WebhookClient(slack.webhook_url)
    slack.webhook_channel = "old-incidents"
    assert (hook.send(text="x").status_code, hook.send(text="x").body) == (410, "channel_is_archived")
    slack.webhook_channel = "deleted"
    assert (hook.send(text="x").status_code, hook.send(text="x").body) == (404, "channel_not_found")


def test_rate_limits_and_outages_come_as_plain_answers(slack: SlackStandIn) -> None:
    hook = WebhookClient(slack.webhook_url)
    slack.faults.add("rate_limit", retry_after=1, path="^/services/")
    slack.faults.add("status", status=503, path="^/services/")
    answers = [hook.send(text="x") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 503, 200]
    assert answers[0].headers["Retry-After"] == "1"
