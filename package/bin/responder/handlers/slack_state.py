"""Edits a message so that it shows how things stand now, and offers only what can still be answered.

An edit shows what stands when it is made, so of several the first does the work of all, and made twice it is the same.
So nothing has to be looked up after an answer that was lost.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..cases.keys import case_of_event
from ..cases.outcomes import MessageEdited, MessagePosted, NothingToDo, Remediated
from ..cases.task import Task
from ..documents import messages
from ..documents.incidents import SHOWN_IN_SLACK, CaseLine, listed
from ..documents.reactions import with_hint
from ..documents.reports import TicketLink
from ..errors import NotFound, Waiting
from . import incident
from .any_alert import wording_in
from .base import Context, Kind, Result, request_text
from .digest import digest_told
from .escalation import lead_of
from .excuse_shown import ExcuseShown, excuse_shown
from .reports import buttons_of, remediation_report, report_of_case, with_origin
from .routing import account_for
from .run_reports import remediation_tasks, remediations
from .slack import service, ticket_of
from .slack_edits import EDIT, ESCALATION, change_of, opens_thread, questions, reported_by, shown_by, undo_of
from .standing import standing


def edit(context: Context) -> Result:
    """Show in a message how the remediations stand that it reports on."""
    message = context.store.get(request_text(context.task.request, "message"))
    posted = message.outcome if message is not None else None
    if message is None or not isinstance(posted, MessagePosted) or not posted.ts:
        return Result("There is no such message any more.")
    stands, cases = _standing(context, message, posted), _cases(context, message, posted)
    ticket, excuse = ticket_of(context), _excuse(context, message, posted)
    linked = (ticket.key,) if ticket is not None and opens_thread(message, posted) else ()
    told = (f"case:{one.id}" for one in cases)
    shows = (*(outcome.report_of(task) for task, outcome in stands), *linked, *excuse.mark, *told)
    if not shows or shows == shown_by(context.lane, message, posted):
        return Result("The message shows it already.", NothingToDo())
    offered = buttons_of(context, {outcome.report_of(task): outcome for task, outcome in stands})
    document = replace(
        excuse.shown_in(_document(context, message, posted, [outcome for _, outcome in stands], ticket, cases)),
        buttons=(*offered, *excuse.buttons),
        mentions=posted.mentions,
    )
    workspace = context.config.slack_workspace(posted.workspace)
    if workspace.takes_reactions and questions(shows) == questions(reported_by(message, posted)):
        # Of a message that was posted for another question, no reaction counts.
        document = with_hint(document, change_of(shows) != "" and change_of(shows) == change_of(posted.remediations))
    client = context.services.chat(workspace, context.config.http)
    done = MessageEdited(message=message.key, shows=shows, turn=context.turn.number)
    try:
        with client.admitted(posted.channel):
            context.send("edit", where={"workspace": workspace.name, "channel": posted.channel, "ts": posted.ts})
            client.update(posted.channel, posted.ts, document, message.key, before_send=context.check_turn)
    except NotFound as gone:
        return Result(f"The message cannot be edited any more: {gone.message}", done)
    return Result("The message shows how things stand.", done)


def _excuse(context: Context, message: Task, posted: MessagePosted) -> ExcuseShown:
    """What the message that says how the case stands shows of an excuse; nothing in any other."""
    if not opens_thread(message, posted):
        return ExcuseShown()
    asked, known = context.task.request.get("excuse"), context.excuse()
    if isinstance(asked, int) and (known is None or known.number < asked):
        raise Waiting("The excuse cannot be read here yet.", "The message is updated later.")
    asks_actors = context.config.slack_workspace(posted.workspace).asks_actors
    is_of_case = len({case_of_event(name) for name in posted.event_ids}) == 1
    return excuse_shown(context, message, message.finding if is_of_case else None, asks_actors)


def _standing(context: Context, message: Task, posted: MessagePosted) -> list[tuple[str, Remediated]]:
    """What the message reports on, as it stands now, each with what became of its undo."""
    if opens_thread(message, posted):
        subjects = [name.partition(":")[0] for name in remediations(context)]
    else:
        subjects = [name.partition(":")[0] for name in reported_by(message, posted)]
    known = {task.key: task for task in remediation_tasks(context)}
    found: list[tuple[str, Remediated]] = []
    for task in dict.fromkeys(subjects):
        outcome = _outcome(known.get(task) or context.store.get(task))
        undone = undo_of(context, task)
        found += [(task, outcome)] if outcome is not None else []
        found += [undone] if undone is not None and undone[0] not in subjects else []
    return found


def _outcome(task: Task | None) -> Remediated | None:
    return task.outcome if task is not None and isinstance(task.outcome, Remediated) else None


def _cases(context: Context, message: Task, posted: MessagePosted) -> list[CaseLine]:
    """Those that a thread tells of, where they are several."""
    if not opens_thread(message, posted):
        return []
    return incident.several(context, message.kind, remediations(context))


def _document(
    context: Context,
    message: Task,
    posted: MessagePosted,
    outcomes: list[Remediated],
    ticket: TicketLink | None,
    cases: list[CaseLine],
) -> Any:
    reports = [remediation_report(outcome) for outcome in outcomes]
    if opens_thread(message, posted) and message.finding is not None:
        news = digest_told(context, message, posted.event_ids)
        news = incident.opening(news) if news is not None else None
        finding = news.finding if news is not None else message.finding
        account = account_for(context.splunkd, finding)
        case = with_origin(context, report_of_case(message, context.case_id), finding)
        stands = standing(context, remediations(context), message)
        wording = wording_in(message.request)
        opener = messages.slack_finding(finding, account, case, reports, ticket, wording, stands)
        if news is not None:
            _, opener = incident.opened_with(news, "", opener, SHOWN_IN_SLACK)
        return replace(opener, blocks=(*opener.blocks, *listed(cases, SHOWN_IN_SLACK)))
    if message.kind == ESCALATION and message.finding is not None:
        lead = next(filter(None, map(lead_of, outcomes)), "")
        return messages.slack_escalation(message.finding, reports, ticket, lead)
    return messages.slack_remediation(reports[0], ticket, reports[1:])


KINDS = (Kind(EDIT, "slack", edit, service=service, can_wait=True),)
