"""What the person who was asked has answered, as the question shows it."""

from __future__ import annotations

from typing import Any

import pytest
from core_findings import finding
from responder.cases.keys import follow_up
from responder.cases.outcomes import MessagePosted
from responder.cases.states import State
from responder.engine.answering import Answerer
from responder.engine.stating import state
from responder.errors import Unavailable
from responder.handlers.slack_edits import ASK_ACTOR
from responder.handlers.statements import ME, NOT_ME

BOB = Answerer("bob@example.com", "slack")


def asked(core: Any) -> str:
    """A question that was posted; the key of its task."""
    about = core.task(core.record(finding(1), "notify_slack"))
    key = follow_up(about.case_id, "slack", ASK_ACTOR, about.key)
    question = about.following(key, ASK_ACTOR, {"slack_workspace": "slack"}, "slack:slack:")
    question.state, question.outcome = State.DONE, MessagePosted(workspace="slack", channel="D0000BOB1", ts="7")
    core.store().record(question)
    return str(key)


def test_a_no_stays_shown_where_an_earlier_yes_could_not_be_shown_before_it(
    core: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    question, show = asked(core), core.slack.update

    def away(*message: Any, **more: Any) -> None:
        raise Unavailable("Slack is away.", "")

    monkeypatch.setattr(core.slack, "update", away)
    state(core.client(), core.services, question, ME, BOB)
    monkeypatch.setattr(core.slack, "update", show)
    state(core.client(), core.services, question, NOT_ME, BOB)
    core.later += 600
    core.work()
    shown = [text for ts, text in core.slack.edited if ts == "7"]
    assert shown and "it was not me" in shown[-1]
