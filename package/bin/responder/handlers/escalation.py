"""Asks in a second Slack channel: once nobody has answered for half of the time that a plan waits, or at once where it
is urgent."""

from __future__ import annotations

from dataclasses import replace

from ..cases.keys import follow_up
from ..cases.outcomes import MessagePosted, Remediated
from ..cases.task import Task
from ..documents import messages
from ..settings import validation
from .base import Context, Kind, Result
from .reports import buttons_of, remediation_report
from .slack import find, post, service, ticket_of
from .slack_edits import ESCALATION
from .subscription import remediation_to_report

#: What a message in the second channel begins with, by status.
_LEADS = {
    "waiting": messages.LIMIT_REACHED,
    "still_waiting": messages.NOBODY_ANSWERED,
    "still_active": messages.NOT_CONTAINED,
    "given_back": messages.GIVEN_BACK,
}


def escalate(context: Context) -> Result:
    """Post in the channel that administrators chose. What was answered meanwhile is not asked any more."""
    channel = context.config.safety.escalation_channel
    name, outcome = remediation_to_report(context)
    if outcome is None or not channel:
        return Result("It was answered meanwhile, or no channel is set.")
    report = remediation_report(outcome)
    document = messages.slack_escalation(context.finding, [report], ticket_of(context), lead_of(outcome))
    document = replace(document, buttons=buttons_of(context, {name: outcome}))
    workspace = context.config.slack_workspace("")
    validation.escalation(workspace)
    asked = MessagePosted(
        turn=context.turn.number,
        workspace=workspace.name,
        requested_channel=channel,
        channel=channel,
    )
    return post(context, document, asked, is_alerts_choice=False)


def lead_of(outcome: Remediated) -> str:
    """With what its message begins; empty once it is no more than news."""
    return _LEADS.get(outcome.status, "")


def escalation(task: Task, turn: int, status: str, ask: str, channel: str) -> tuple[Task, ...]:
    """What asks once more, for one asking, in the second channel; nothing where there is none.

    ``status``: of the outcome that is reported.
    """
    if not channel:
        return ()
    request = {"about": task.key, "turn": turn, "status": status, "ask": ask, "channel": channel}
    key = follow_up(task.case_id, "slack", ESCALATION, task.key, ask)
    return (task.following(key, ESCALATION, request, service(request, task.finding)),)


KINDS = (Kind(ESCALATION, "slack", escalate, find, service=service, tells_people=True),)
