"""Asks the person behind a finding whether it was them, where that is switched on, and tells of the answer.

Who that is, CloudTrail's records have to prove (``findings/persons.py``): a row may name anybody. Whatever is answered
decides nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..cases.keys import follow_up
from ..cases.outcomes import MessagePosted, NothingToDo
from ..cases.task import Task
from ..documents import messages
from ..documents import statements as documents
from ..documents.document import Button, Document
from ..errors import NotFound, Waiting
from ..findings import persons
from ..settings import validation
from . import slack, ticket
from .base import Context, Kind, Result, request_text
from .excuse_shown import RECORDED
from .proving import LOOK_AGAIN, WAIT_FOR_RECORDS
from .registry import kinds
from .reports import buttons_of, remediation_report
from .run_reports import remediations
from .slack_edits import ASK_ACTOR

ME, NOT_ME = "me", "not_me"
STATEMENT, DENIED, SHOWN = "slack.statement", "slack.denied", "slack.actor_edit"


def ask(context: Context) -> Result:
    """Raises Waiting while the finding's records may still come."""
    workspace = context.config.slack_workspace(request_text(context.task.request, "slack_workspace"))
    if not workspace.asks_actors:
        return Result("The workspace does not ask the person behind a finding.")
    found = persons.behind(context.splunkd, context.finding, context.clock())
    if found.are_missing and context.clock() - context.task.created_at < WAIT_FOR_RECORDS:
        raise Waiting(
            "The finding's records are not in the index yet.", "The app looks for them again.", retry_after=LOOK_AGAIN
        )
    if not found.email:
        return Result("Who is behind the finding is not proved by Identity Center: nobody was asked.", NothingToDo())
    client = context.services.chat(workspace, context.config.http)
    user = client.colleague(found.email)
    if not user:
        return Result("Slack has no member of the workspace with the address: nobody was asked.", NothingToDo())
    channel = client.conversation(user)
    # The member is kept as what was asked for: nobody else may answer.
    asked = MessagePosted(turn=context.turn.number, workspace=workspace.name, requested_channel=user, channel=channel)
    document = replace(documents.question(context.finding), buttons=_offered(context.task.key))
    posted = slack.post(context, document, asked, is_alerts_choice=False)
    context.audit("actor_asked", asked=found.email, slack_user=user)
    return replace(posted, message="The person behind the finding was asked.")


def _offered(task: str, said: str = "") -> tuple[Button, ...]:
    """Whoever has said yes may still say no."""
    no = Button("Not me", NOT_ME, task, question="Your security team is notified immediately.")
    return () if said == NOT_ME else (no,) if said == ME else (Button("It was me", ME, task, question=RECORDED), no)


# -- the answer --------------------------------------------------------------------------------------------------------


def reports(of: Task, said: str, by: str, channel: str) -> tuple[Task, ...]:
    """Tasks that tell of an answer, each once. ``of``: the task whose message was answered; ``channel``: the second."""
    request: dict[str, Any] = {"said": said, "by": by, "of": of.key}
    wanted = [kind for kind in kinds().values() if kind.name in ("ticket.statement", STATEMENT)]
    if said == NOT_ME and channel:
        wanted.append(kinds()[DENIED])
    if of.kind == ASK_ACTOR:
        wanted.append(kinds()[SHOWN])
    found = []
    for kind in wanted:
        about = {**request, **({"channel": channel} if kind.name == DENIED else {})}
        if isinstance(of.outcome, MessagePosted):
            about["slack_workspace"] = of.outcome.workspace if kind.name != DENIED else ""
        key = follow_up(of.case_id, kind.family, kind.name, of.key, said, by)
        found.append(of.following(key, kind.name, about, kind.service(about, of.finding)))
    return tuple(found)


def _statement(context: Context) -> Document:
    request = context.task.request
    return documents.statement(request_text(request, "said") == ME, request_text(request, "by"))


def on_ticket(context: Context) -> Result:
    return ticket.note(context, _statement(context))


def in_thread(context: Context) -> Result:
    return slack.note(context, _statement(context))


def raise_it(context: Context) -> Result:
    """Tell the second channel at once that it was not the person, with what can be done."""
    channel = context.config.safety.escalation_channel
    if not channel:
        return Result("No second channel is set.")
    known = remediations(context)
    document = messages.slack_escalation(
        context.finding,
        [remediation_report(outcome) for outcome in known.values()],
        slack.ticket_of(context),
        documents.DENIED,
    )
    workspace = context.config.slack_workspace("")
    validation.escalation(workspace)
    told = MessagePosted(turn=context.turn.number, workspace=workspace.name, requested_channel=channel, channel=channel)
    return slack.post(context, replace(document, buttons=buttons_of(context, known)), told, is_alerts_choice=False)


def show(context: Context) -> Result:
    """Have the question show what was answered. Made twice it is the same."""
    request = context.task.request
    asked = context.store.get(request_text(request, "of"))
    posted = asked.outcome if asked is not None else None
    if asked is None or asked.finding is None or not isinstance(posted, MessagePosted) or not posted.ts:
        return Result("There is no such message any more.")
    said = _counts(context, asked)
    document = documents.question(asked.finding, documents.answered(said == ME))
    workspace = context.config.slack_workspace(posted.workspace)
    client = context.services.chat(workspace, context.config.http)
    try:
        with client.admitted(posted.channel):
            context.send("edit", where={"workspace": workspace.name, "channel": posted.channel, "ts": posted.ts})
            shown = replace(document, buttons=_offered(asked.key, said))
            client.update(posted.channel, posted.ts, shown, asked.key, before_send=context.check_turn)
    except NotFound as gone:
        return Result(f"The message cannot be edited any more: {gone.message}")
    return Result("The message shows what was answered.")


def _counts(context: Context, asked: Task) -> str:
    """Which answer counts: a no, whatever else was said, and whichever is shown first."""
    said = {request_text(one.request, "said") for one in context.lane if one.kind == SHOWN and _is_of(one, asked)}
    return NOT_ME if NOT_ME in said else ME


def _is_of(shown: Task, asked: Task) -> bool:
    return request_text(shown.request, "of") == asked.key


KINDS = (
    Kind(ASK_ACTOR, "slack", ask, slack.find, service=slack.service, tells_people=True),
    Kind(STATEMENT, "slack", in_thread, slack.find, service=slack.service, tells_people=True),
    Kind(DENIED, "slack", raise_it, slack.find, service=slack.service, tells_people=True),
    Kind(SHOWN, "slack", show, service=slack.service),
    Kind("ticket.statement", "ticket", on_ticket, ticket.find_note, service=ticket.service, tells_people=True),
)
