"""Messages over real HTTP, against a strict stand-in of Slack: what is sent, and what the setup page's test says."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from outward_clients import CHANNEL, DOCUMENT, bot_of, webhook_of
from responder.documents import messages
from responder.documents.reports import CaseReport, ChangeReport, RemediationReport, TicketLink
from responder.errors import ConfigurationError, Curable, NotPermitted, ResponderError
from responder.findings.finding import Finding
from responder.slack.client import Posted

from sandbox.slack import SlackStandIn

# What is sent


def test_a_message_is_one_request_and_carries_its_marker(slack: SlackStandIn) -> None:
    posted = bot_of(slack).post("#security-alerts", DOCUMENT, "c0ffee.slack")
    seen = slack.messages(CHANNEL)[0]
    assert posted == Posted("C0SECALERT", seen.ts)
    assert len(slack.requests) == 1 and slack.unknown_requests == []
    assert seen.metadata["event_payload"] == {"marker": "c0ffee.slack"}
    assert "Trail stopped" in seen.text and "StopLogging" in seen.visible_text
    sent = slack.requests[0].json
    assert sent["unfurl_links"] is False and sent["unfurl_media"] is False and sent["mrkdwn"] is False


def test_a_reply_goes_into_the_thread(slack: SlackStandIn) -> None:
    chat = bot_of(slack)
    first = chat.post("", DOCUMENT, "m-1")
    chat.post(first.channel, DOCUMENT, "m-2", thread_ts=first.ts)
    assert [message.thread_ts for message in slack.messages(CHANNEL)] == ["", first.ts]


def test_a_whole_finding_is_taken_and_nobody_is_mentioned(slack: SlackStandIn, finding: Finding) -> None:
    evil = "<!channel> <@U0ALICE001> <http://evil.example|click> @here"
    hostile = Finding.from_dict(
        {**finding.to_dict(), "user": evil, "user_agent": evil, "reason": evil, "event_ids": [evil, evil + "2"]}
    )
    change = ChangeReport(evil, evil, evil, evil, {evil: evil}, {evil: [evil]}, False, evil)
    report = RemediationReport(evil, evil, evil, evil, (change,), 1e9)
    case = CaseReport("c0ffee", evil, "https://splunk.example/x")
    link = TicketLink("SEC-7", "https://jira.example/browse/SEC-7")
    chat = bot_of(slack)
    for client in (chat, webhook_of(slack)):
        client.post("", messages.slack_finding(hostile, {"owner": evil}, case, [report], link), "m")
        client.post("", messages.slack_recurrence(hostile, hostile.event_ids, link), "m")
        client.post("", messages.slack_remediation(report, link), "m")
    assert len(slack.messages()) == 6
    for seen in slack.messages():
        assert not seen.mentions
        moment = r"!date\^(1789000060|1000000000)\^[^|]*\|(2026-09-10 00:27:40|2001-09-09 01:46:40) UTC>$"
        ours = rf"<(https://(splunk|jira|attack\.mitre)\.|{moment})"
        assert all(re.match(ours, link) for link in seen.live), seen.live


def test_without_any_channel_nothing_is_sent(slack: SlackStandIn) -> None:
    with pytest.raises(ConfigurationError, match="no channel is set"):
        bot_of(slack, default_channel="").post("", DOCUMENT, "m")
    assert slack.requests == []


# Webhooks


def test_a_webhook_posts_and_gives_nothing_back(slack: SlackStandIn) -> None:
    assert webhook_of(slack).post("ignored", DOCUMENT, "m", thread_ts="1.2") == Posted("", "")
    seen = slack.messages(CHANNEL)[0]
    assert seen.via == "webhook" and "Trail stopped" in seen.text and seen.thread_ts == ""
    assert "channel" not in slack.requests[0].json


def test_a_webhook_that_is_gone_says_what_to_do(slack: SlackStandIn) -> None:
    url = slack.credentials.webhook_url
    with pytest.raises(Curable, match="create a new one"):
        webhook_of(slack, url=url[:-1] + ("0" if url[-1] != "0" else "1")).post("", DOCUMENT, "m")
    slack.webhook_channel = "old-incidents"
    with pytest.raises(Curable, match="channel_is_archived"):
        webhook_of(slack).post("", DOCUMENT, "m")


# The test button of the setup page


def test_the_check_names_workspace_and_user_and_posts_nothing(slack: SlackStandIn) -> None:
    assert bot_of(slack).check() == (
        "Connected to Slack workspace Sandbox as responder, who may post in #security-alerts."
    )
    assert "No default channel" in bot_of(slack, default_channel="").check()
    assert slack.messages() == []


@pytest.mark.parametrize(
    ("channel", "error", "said"),
    [
        ("no-such", Curable, "no channel #no-such"),
        ("not-joined", NotPermitted, "not in channel #not-joined.*/invite"),
        ("C0OLDINCID", ConfigurationError, "archived"),
        ("C0NOSUCH999", Curable, "channel_not_found"),
    ],
)
def test_the_check_tells_what_is_wrong_with_the_channel(
    slack: SlackStandIn, channel: str, error: type[ResponderError], said: str
) -> None:
    with pytest.raises(error, match=said):
        bot_of(slack, default_channel=channel).check()


def test_the_check_tells_of_scopes_that_are_missing(slack: SlackStandIn) -> None:
    slack.scopes = ["chat:write"]
    assert "Without channels:history, channels:read it cannot look up" in bot_of(slack).check()
    slack.scopes = ["channels:read"]
    with pytest.raises(NotPermitted, match="lacks the scope chat:write"):
        bot_of(slack).check()


def test_the_check_refuses_a_token_of_a_whole_organization(slack: SlackStandIn) -> None:
    slack.enterprise_id, slack.is_enterprise_install = "E0EXAMPLE1", True
    with pytest.raises(ConfigurationError, match="whole Slack organization.*Install the Slack app in one workspace"):
        bot_of(slack).check()
    slack.is_enterprise_install = False
    assert bot_of(slack).check().startswith("Connected to Slack workspace")


def test_the_check_of_a_webhook_is_honest_about_what_it_did_not_do(slack: SlackStandIn) -> None:
    assert "not tested" in webhook_of(slack).check()
    assert slack.requests == []
    for address in (
        "https://example.com/services/T0/B0/x",
        "https://hooks.slack.com/",
        "https://hooks.slack.com.evil.example/services/x",
    ):
        with pytest.raises(ConfigurationError, match="hooks.slack.com"):
            webhook_of(slack, url=address).check()


# What Slack publishes


def test_what_is_sent_is_what_slack_describes(slack: SlackStandIn, described: Any) -> None:
    bot_of(slack).post("", DOCUMENT, "m")
    sent = set(json.loads(slack.requests[0].body))
    # The description is older than message metadata.
    (spec,) = described["slack"]
    assert sent - {"metadata"} <= spec.query("/chat.postMessage", "post")
