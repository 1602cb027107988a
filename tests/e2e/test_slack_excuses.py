"""People excuse a case in Slack, on the built app: by a click or by a command, and nobody who may not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.world import APP
from tests.e2e.test_excused import case_of, excuses
from tests.e2e.test_slack_answers import (
    ALICE,
    BOB,
    CHANNEL,
    Input,
    answers,
    ask_for,
    audited,
    click,
    message_value,
    message_with,
    save_workspace,
    serving,
    settled,
)
from tests.eventually import eventually


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


@pytest.fixture
def taking(site: Any) -> Iterator[Input]:
    save_workspace(site)
    with serving(site) as found:
        yield found


def first(site: Any) -> Any:
    """The message that says how the case stands."""
    return site.world.slack.messages(CHANNEL)[0]


def test_a_click_excuses_the_case_and_the_message_says_until_when(site: Any, taking: Input) -> None:
    row, slack = ask_for(site), site.world.slack
    (button,) = [
        element
        for block in first(site).blocks
        for element in block.get("elements", ())
        if element.get("action_id") == "responder.excuse"
    ]
    asked = button["confirm"]["text"]["text"]
    assert button["text"]["text"] == "Excuse 30 days" and "What waits for an approval ends" in asked
    forged = slack.click_payload(BOB, CHANNEL, first(site).ts, "responder.excuse")
    slack.socket.wait_for(slack.socket.send("interactive", forged))
    assert "may not answer" in settled(site)[0]["message"] and excuses(site) == []
    payload = slack.click_payload(ALICE, CHANNEL, first(site).ts, "responder.excuse")
    envelope = slack.socket.send("interactive", payload)
    slack.socket.wait_for(envelope, slack.socket.send("interactive", payload, envelope=envelope))
    settled(site, 2)
    eventually(lambda: "Excused until" in first(site).visible_text)
    (event,) = audited(site, "case_excused")
    assert (event["by"], event["way"]) == ("alice@example.com", "slack") and len(excuses(site)) == 1
    assert "by alice@example.com" in first(site).visible_text and site.open_to_world(row["object_id"])
    eventually(lambda: not any(message_value(m, verb) for m in slack.messages() for verb in ("approve", "excuse")))
    replies = [message.visible_text for message in slack.messages(CHANNEL) if message.thread_ts]
    assert any("Excused until" in reply for reply in replies), "an edit notifies nobody"


@pytest.mark.extended
def test_what_can_be_clicked_can_be_typed_and_lifted(site: Any, taking: Input) -> None:
    row, slack = ask_for(site), site.world.slack
    case = case_of(site, row)

    def typed(text: str, user: str = ALICE) -> str:
        told = len(slack.answers)
        slack.socket.wait_for(slack.command(user, "general", text))
        return str(eventually(lambda: slack.answers[told:])[0].text)

    assert "may not answer" in typed(f"excuse {case} it is mine", BOB)
    for nonsense in (case, "x y", f"{case} 30", f"{case} 91 too long", f"{case} 0 no"):
        assert "Excused" not in typed(f"excuse {nonsense}") and excuses(site) == []
    assert "<!channel>" not in typed(f"excuse {case} 10 <!channel> scanner")
    eventually(lambda: "Excused until" in first(site).visible_text)
    (given,) = [json.loads(one["excuse"]) for one in excuses(site)]
    assert (given["by"], given["reason"]) == ("alice@example.com", "<!channel> scanner")
    assert given["until"] - given["at"] == 10 * 86_400 and not first(site).mentions
    assert "Excused until" in typed(f"case {case}")
    assert "Lifted by alice@example.com" in typed(f"excuse {case} 0 it was none")
    eventually(lambda: "Excuse lifted by alice@example.com" in first(site).visible_text)
    assert message_value(first(site), "excuse") and answers(site)
    assert site.world.rest("POST", f"{APP}/excuses", json={}).json()["excuses"] == []
    assert click(site, "excuse") and message_with(site, "excuse").ts == first(site).ts
