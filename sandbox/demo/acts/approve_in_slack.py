"""People approve in Slack, by a button and by a command over Socket Mode; and somebody of another company tries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.demo.proof import Proof
from sandbox.demo.slack_side import ALICE, BUTTON, CHANNEL, let_answer, listening, with_button
from sandbox.demo.stage import ANSWERS, Stage

TITLE, ORDER = "Approve in Slack: a button, and a command", 14
#: In a channel that is shared with another company; an administrator has even put them on the list.
FOREIGNER, ELSEWHERE = "U0STRANGER", "T0ELSEWHER"


def play(stage: Stage) -> Iterator[Proof]:
    slack = stage.world.slack
    slack.let_in(FOREIGNER, "sam", "Sam Stone", email="sam@example.org", team_id=ELSEWHERE)
    let_answer(stage.world, ALICE, FOREIGNER, with_buttons=True)
    try:
        with listening(stage.world):
            yield from _answered(stage, slack)
    except (TimeoutError, ConnectionError) as error:
        yield Proof("The app listens to Slack", False, str(error))


def _answered(stage: Stage, slack: Any) -> Iterator[Proof]:
    clicked, typed = stage.open_groups(2)
    stage.fire("notify_slack", clicked)
    stage.remediate(clicked, typed, mode="approve")
    message = with_button(slack.messages(CHANNEL), clicked.case)
    yield Proof("The question in Slack has a button", message is not None, f"#{CHANNEL}")
    if message is None:
        return

    said = _answer(stage, slack.click(FOREIGNER, CHANNEL, message.ts, BUTTON))
    holds = stage.is_open(clicked) and "of another company" in said
    yield Proof("A click by somebody of another company changes nothing", holds, said)

    _answer(stage, slack.click(ALICE, CHANNEL, message.ts, BUTTON))
    yield stage.approved(f"By a click of {ANSWERS}", clicked)

    (waiting,) = stage.search(f"| respondwaiting case={typed.case}")
    _answer(stage, slack.command(ALICE, "general", f"approve {typed.case} {waiting.get('plan')}"))
    yield stage.approved(f"By a command of {ANSWERS}: /responder approve", typed)


def _answer(stage: Stage, envelope: str) -> str:
    """What became of a click or a command, as the app has written it down; empty where nothing did in time."""
    query = {"_key": f"slack:{envelope}", "open": 0}
    found = stage.until(lambda: stage.world.documents("responder_answers", query))
    return str(found[0]["message"]) if found else ""
