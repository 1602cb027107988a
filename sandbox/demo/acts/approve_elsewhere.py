"""People approve without opening Splunk: in the ticket and by a reaction in Slack; and somebody tries who may not."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.demo.proof import Proof
from sandbox.demo.slack_side import ALICE, CHANNEL, let_answer
from sandbox.demo.stage import ANSWERS, LABEL, STATUS, Opened, Stage

TITLE, ORDER = "Approve in Jira, and by a reaction in Slack", 12
#: Who has an account in Jira and may not answer.
NOBODY, COMMENT = "bob", "/responder approve"


def play(stage: Stage) -> Iterator[Proof]:
    # Reactions are read where a workspace has no app-level token, so no buttons.
    let_answer(stage.world, ALICE, with_buttons=False)
    opened = stage.open_groups(5)
    by_status, by_label, by_comment, by_nobody, by_reaction = opened
    stage.fire("create_ticket", *opened)
    stage.fire("notify_slack", by_reaction)
    stage.remediate(*opened, mode="approve")

    people = stage.world.jira.people
    people.transition(_ticket(stage, by_nobody), STATUS, NOBODY)
    people.transition(_ticket(stage, by_status), STATUS, ANSWERS)
    people.label(_ticket(stage, by_label), ANSWERS, LABEL)
    people.comment(_ticket(stage, by_comment), COMMENT, ANSWERS)
    questions = [one for one in stage.world.slack.messages(CHANNEL) if "React to this message" in one.visible_text]
    for question in questions:
        stage.world.slack.react(CHANNEL, question.ts, "white_check_mark", ALICE)
    wanted = (by_status, by_label, by_comment, by_reaction)
    stage.work_until(lambda: not any(map(stage.is_open, wanted)) and bool(_refusal(stage, by_nobody)))

    proved = f"as the ticket's changelog says: {ANSWERS}"
    yield stage.approved(f"By the status {STATUS}, {proved}", by_status)
    yield stage.approved(f"By the label {LABEL}, {proved}", by_label)
    yield stage.approved(f"By a comment of {ANSWERS}: {COMMENT}", by_comment)
    yield stage.approved(f"By a reaction of {ANSWERS} to the question in Slack", by_reaction)
    refusal = _refusal(stage, by_nobody)
    holds = stage.is_open(by_nobody) and bool(refusal)
    yield Proof(f"The status {STATUS}, set by {NOBODY}, changes nothing", holds, refusal)
    forged = {"site": "jira", "key": _ticket(stage, by_nobody), "user": ANSWERS, "comment": COMMENT}
    answer = stage.post("jira_changed", **forged)
    holds = bool(answer.get("read")) and stage.is_open(by_nobody)
    seen = f"HTTP {answer['status_code']}: the app reads the ticket, and nothing else of it"
    yield Proof(f"Nor does a forged webhook that says it was {ANSWERS}", holds, seen)


def _ticket(stage: Stage, opened: Opened) -> str:
    (key,) = stage.tickets(opened)
    return key


def _refusal(stage: Stage, opened: Opened) -> str:
    """What the ticket says to whoever may not answer in it; empty as long as it says nothing."""
    comments = stage.world.jira.issue(_ticket(stage, opened)).comments
    lines = (line for text in comments for line in text.splitlines() if "may not answer" in line)
    return next(lines, "").strip()
