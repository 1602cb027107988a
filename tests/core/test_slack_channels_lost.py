"""A channel that is archived while a case is open: what belongs into its threads goes where alerts post by now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from core_findings import finding
from responder.remediation import runner
from responder.remediation.outcome import Outcome
from responder.settings.model import Http, SlackWorkspace
from responder.settings.secret import Secret
from responder.slack.client import Chat

from sandbox.slack import SlackStandIn

DONE = Outcome("deactivate_access_key", "enforce", "done", "Deactivated it.", (), finished_at=1_789_000_100.0)


@pytest.fixture
def slack(core: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackStandIn]:
    """Slack, asked over HTTP, with a message of a case in a channel that was archived since."""
    with SlackStandIn() as made:
        own = made.credentials
        credentials: Any = {"bot_token": Secret(own.bot_token), "api_url": own.api_url.rstrip("/")}

        def chat(workspace: SlackWorkspace, http: Http) -> Chat:
            return Chat(replace(workspace, **credentials), http)

        monkeypatch.setattr(core.services, "chat", chat)
        monkeypatch.setattr(runner, "run", lambda request, ports: DONE)
        core.save("slack_workspace", "slack", auth_type="bot", default_channel="security-alerts")
        core.ask(1, "notify_slack")
        made.archive("security-alerts")
        yield made
        assert made.unknown_requests == []


def remediate(core: Any) -> None:
    core.ask(1, "remediate", playbook="deactivate_access_key")


def waiting(core: Any) -> list[str]:
    """Messages of what waits."""
    return [one["message"] for one in core.tasks() if one["state"] in ("waiting", "unknown")]


def later(core: Any) -> None:
    core.later += 60
    core.work()


def test_as_long_as_alerts_post_there_a_person_hears_of_it(core: Any, slack: SlackStandIn) -> None:
    remediate(core)
    later(core)
    (said,) = waiting(core)
    assert "is_archived" in said and "Choose another channel, or unarchive it" in said


def test_a_report_goes_where_alerts_post_by_now(core: Any, slack: SlackStandIn) -> None:
    core.save("slack_workspace", "slack", default_channel="general")
    remediate(core)
    later(core)
    first, report = slack.messages()
    assert (first.channel, report.channel, report.thread_ts) == ("C0SECALERT", "C0GENERAL1", "")
    assert "Deactivated it." in report.visible_text
    assert waiting(core) == [], "what cannot be edited any more is no failure"
    core.ask(finding(1, "event-2"), "notify_slack")
    assert [one.channel for one in slack.messages("general")] == ["C0GENERAL1"] * 2


def test_what_has_waited_goes_there_once_a_person_has_chosen_another_channel(core: Any, slack: SlackStandIn) -> None:
    remediate(core)
    later(core)
    core.save("slack_workspace", "slack", default_channel="general", saved_at=str(core.clock()))
    core.later += 3600
    core.work()
    assert ["Deactivated it." in one.visible_text for one in slack.messages("general")] == [True]
    later(core)
    assert waiting(core) == []


def test_it_goes_to_no_channel_that_alerts_may_not_choose(core: Any, slack: SlackStandIn) -> None:
    core.save("settings", "general", allowed_slack_channels="security-alerts")
    core.ask(finding(1, "event-2"), "notify_slack", channel="general")
    remediate(core)
    assert slack.messages("general") == []
    assert all("alerts may not post in channel 'general'" in said for said in waiting(core))


def test_a_channel_that_takes_nothing_new_gives_up_no_message(core: Any, slack: SlackStandIn) -> None:
    slack.faults.add("status", path="chat.postMessage", status=200, body={"ok": False, "error": "is_inactive"})
    core.ask(2, "notify_slack", channel="general")
    (said,) = waiting(core)
    assert "is_inactive" in said and "Choose another channel" in said
    core.later += 600
    core.work()
    assert waiting(core) == [] and [one.channel for one in slack.messages("general")] == ["C0GENERAL1"]
