"""Slack: one message a case; what comes later goes into its thread, or stands alone where a webhook has no threads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..cases.keys import follow_up
from ..cases.outcomes import MessagePosted, Remediated
from ..cases.recording import TaskRequest
from ..cases.task import Attempt, Task
from ..documents import messages
from ..documents.document import Document
from ..documents.incidents import SHOWN_IN_SLACK
from ..documents.reactions import with_hint
from ..documents.reports import TicketLink
from ..errors import ConfigurationError, Curable, NotFound, Waiting
from ..findings.finding import Finding, severity_rank
from ..settings.model import EMAIL, SlackWorkspace
from ..slack.model import NoChannel
from . import incident
from .action import Action, AdaptiveResponse, Parameter
from .any_alert import GROUPING, WORDING, wording_in, wording_of
from .base import Context, Kind, Result, request_text
from .digest import Destination, Digest, digest_told
from .excuse_shown import excuse_shown
from .reports import buttons_of, case_report, remediation_report, ticket_link, with_origin
from .routing import account_for, message_place
from .run_reports import remediations
from .slack_edits import ASK_ACTOR, FINDING, change_of, edits, edits_of_openers
from .standing import standing
from .subscription import remediation_to_report
from .ticket import current_ticket


def finding(context: Context) -> Result:
    """Notify the alert's channel of the case, or the thread there is in it."""
    place = message_place(context)
    workspace, channel = place.workspace, place.channel
    here = Destination(context, _channel, (workspace.name, channel))
    alone = here.single()
    if alone is None:
        return Result("The channel lists all of its events already.", needs_turn=False)
    thread = _thread(context.lane.newest(_began_in, (workspace.name, channel), context.task.key))
    # Of a run of an alert whatever is recorded is in one message.
    is_one_of_many = bool(thread or alone.finding.rows) or here.other_cases_wait()
    news = (here.together() or alone) if is_one_of_many else alone
    news = news if thread else incident.opening(news)
    posted = MessagePosted(
        event_ids=news.event_ids,
        notified_at=context.clock(),
        severity=news.finding.severity,
        turn=context.turn.number,
        workspace=workspace.name,
        requested_channel=channel,
        channel=thread.channel if thread else channel,
        thread_ts=thread.ts if thread else "",
    )
    ticket = ticket_of(context)
    # Once a thread: who is called at night is called by the first message that is his, and not by each reply.
    client, wanted = context.services.chat(workspace, context.config.http), place.route.mentions
    named, notes = client.mentioned(wanted) if wanted else ((), ())
    mentioned = _mentioned_in(context, thread) if thread and named else ()
    mentions = tuple(one for one in named if one not in mentioned)
    posted = replace(posted, ticket=ticket.key if ticket else "", mentions=mentions)
    if thread is not None:
        document = incident.reply(context, news, incident.reported(context, news), ticket)
        document = document or messages.slack_recurrence(
            news.finding, news.finding.event_ids, ticket, news.listed_before
        )
        replied = post(context, replace(document, mentions=mentions), posted)
        return _followed(context, replied, news, workspace, notes)
    reported = remediations(context)
    document = replace(_opener(context, news, reported, ticket, workspace), mentions=mentions)
    done = post(context, document, replace(posted, remediations=tuple(reported)))
    return _followed(context, done, news, workspace, notes)


def _opener(
    context: Context,
    news: Digest,
    reported: Mapping[str, Remediated],
    ticket: TicketLink | None,
    workspace: SlackWorkspace,
) -> Document:
    """What begins a thread: the news, how the case stands, and what people may answer."""
    document = messages.slack_finding(
        news.finding,
        account_for(context.splunkd, news.finding),
        with_origin(context, case_report(context), news.finding),
        [remediation_report(outcome) for outcome in reported.values()],
        ticket,
        wording_in(context.request),
        standing(context, reported, context.task),
    )
    _, document = incident.opened_with(news, "", document, SHOWN_IN_SLACK)
    about = None if news.has_several_cases else context.finding
    shown = excuse_shown(context, context.task, about, workspace.asks_actors)
    return replace(document, buttons=(*buttons_of(context, reported), *shown.buttons))


def _followed(
    context: Context, done: Result, news: Digest, workspace: SlackWorkspace, notes: Sequence[str] = ()
) -> Result:
    """With what follows a message about events, whether Slack has answered or it was looked up.

    What opened its thread lists the cases that it tells of, where they are several.
    """
    posted = done.outcome
    assert isinstance(posted, MessagePosted)
    began = context.lane.newest(_began_in, _channel(posted), context.task.key)
    new = incident.new_cases(context, news) if began else [task for task, _ in news.parts]
    listed = edits_of_openers(context, posted) if incident.has_other_cases(context) else ()
    follow_ups = (*done.follow_ups, *listed, *questions(context, new, workspace))
    return replace(done, message=" ".join([done.message, *notes]), follow_ups=follow_ups)


def questions(context: Context, told: Sequence[Task], workspace: SlackWorkspace) -> tuple[Task, ...]:
    """What asks whoever is behind new cases, where that is switched on: each once, about the gravest.

    ``told``: tasks of these cases.
    """
    gravest: dict[str, Task] = {}
    for task in told if workspace.asks_actors else ():
        finding = task.finding
        if finding is None or finding.batch or not finding.event_ids:
            continue
        actor = finding.user_arn or task.key
        known = gravest.get(actor, task).finding
        if known is None or severity_rank(finding.severity) >= severity_rank(known.severity):
            gravest[actor] = task
    request = {"slack_workspace": workspace.name}
    return tuple(
        task.following(
            follow_up(context.case_id, "slack", ASK_ACTOR, task.key), ASK_ACTOR, request, service(request, task.finding)
        )
        for task in gravest.values()
    )


def remediation(context: Context) -> Result:
    """Report in the thread what became of a remediation."""
    name, outcome = remediation_to_report(context)
    own, edited = context.task, edits(context, request_text(context.task.request, "about"))
    if outcome is None or not context.lane.has_kind(FINDING, own.key):
        return Result("The case has no Slack thread, or there is something newer to report.")
    thread = _incident_thread(context) or _case_thread(context)
    if Destination(context, _channel, (thread.workspace, thread.requested_channel)).reports(name):
        return Result("The thread reports it already.", follow_ups=edited)
    document = messages.slack_remediation(remediation_report(outcome), ticket_of(context))
    document = replace(document, buttons=buttons_of(context, {name: outcome}))
    replied = post(context, document, replace(_reply(context, thread), remediations=(name,)))
    return replace(replied, follow_ups=edited)


def note(context: Context, document: Document) -> Result:
    """Reply in the case's thread, where it has one."""
    if not context.lane.has_kind(FINDING, context.task.key):
        return Result("The case has no Slack thread.")
    return post(context, document, _reply(context, _case_thread(context)))


def _reply(context: Context, thread: MessagePosted) -> MessagePosted:
    return MessagePosted(
        turn=context.turn.number,
        workspace=thread.workspace,
        requested_channel=thread.requested_channel,
        channel=thread.channel,
        thread_ts=thread.ts,
    )


def ticket_of(context: Context) -> TicketLink | None:
    return ticket_link(current_ticket(context.others("ticket"), context.task.owner))


def _channel(posted: MessagePosted) -> tuple[str, str]:
    return posted.workspace, posted.requested_channel


def find(context: Context, attempt: Attempt) -> Result | None:
    """Look up a message that was sent without an answer. A webhook cannot be asked: rather twice than never."""
    where = attempt.where
    workspace = context.config.slack_workspace(where["workspace"])
    client = context.services.chat(workspace, context.config.http)
    if not client.can_look_up:
        return None
    found = client.find(where["channel"], attempt.task, attempt.at, where["thread_ts"] or None)
    if found is None:
        return None
    posted = MessagePosted(
        **attempt.notified,
        workspace=workspace.name,
        requested_channel=where["requested_channel"],
        thread_ts=where["thread_ts"],
        mentions=tuple(filter(None, where.get("mentions", "").split(","))),
    )
    return _posted(context, found, posted)


def _find_finding(context: Context, attempt: Attempt) -> Result | None:
    found = find(context, attempt)
    if found is None:
        return None
    own, events = context.task, attempt.event_ids
    news = digest_told(context, own, events) or Digest(context.finding, events, parts=((own, events),))
    return _followed(context, found, news, context.config.slack_workspace(attempt.where["workspace"]))


def _find_remediation(context: Context, attempt: Attempt) -> Result | None:
    found = find(context, attempt)
    if found is None:
        return None
    return replace(found, follow_ups=edits(context, request_text(context.task.request, "about")))


def _thread(task: Task | None) -> MessagePosted | None:
    """The message that began a thread: one about events that answers no other."""
    posted = task.outcome if task is not None else None
    return posted if isinstance(posted, MessagePosted) and posted.event_ids and not posted.thread_ts else None


def _case_thread(context: Context) -> MessagePosted:
    """The thread that this owner's alerts have begun last, or else anybody's. Raises Waiting while there is none."""
    own, lane = context.task, context.lane
    thread = _thread(lane.newest(_begun_by, own.owner, own.key) or lane.newest(_begun_at_all, True, own.key))
    if thread is None:
        raise Waiting("The case's Slack message is not posted yet.", "The reply is posted after it.")
    return thread


def _incident_thread(context: Context) -> MessagePosted | None:
    """The thread that tells of another case, whose remediation a task reports; None where it is the lane's own."""
    told = incident.told_by(context)
    place = _channel(told.outcome) if told is not None and isinstance(told.outcome, MessagePosted) else None
    return _thread(context.lane.newest(_began_in, place, context.task.key)) if place else None


def _began_in(task: Task) -> tuple[str, str] | None:
    thread = _thread(task)
    return _channel(thread) if thread else None


def _mentioned_in(context: Context, thread: MessagePosted) -> set[str]:
    """Whom this owner's alerts have mentioned in a thread: nobody else keeps his findings from calling anybody."""
    own, place = context.task, (thread.channel, thread.ts)
    said = (one.outcome for one in context.lane if one.key != own.key and one.owner == own.owner)
    posts = (one for one in said if isinstance(one, MessagePosted))
    return {name for one in posts if (one.channel, one.thread_ts or one.ts) == place for name in one.mentions}


def _begun_by(task: Task) -> str | None:
    return task.owner if _thread(task) else None


def _begun_at_all(task: Task) -> bool | None:
    return True if _thread(task) else None


def post(context: Context, document: Document, reply: MessagePosted, is_alerts_choice: bool = True) -> Result:
    """Post a message, announced and looked up as every effect. Raises Curable for a channel alerts may not choose."""
    workspace = context.config.slack_workspace(reply.workspace)
    channel = reply.channel
    if is_alerts_choice and workspace.auth_type == "bot" and not reply.thread_ts:
        _check_channel(context, workspace, request_text(context.request, "channel"))
    document = with_hint(document, bool(change_of(reply.remediations))) if workspace.takes_reactions else document
    client = context.services.chat(workspace, context.config.http)
    where = {
        "workspace": workspace.name,
        "requested_channel": reply.requested_channel,
        "channel": channel,
        "thread_ts": reply.thread_ts,
        **({"mentions": ",".join(reply.mentions)} if reply.mentions else {}),
    }
    try:
        with client.admitted(channel):
            context.send(
                "post",
                event_ids=reply.event_ids,
                remediations=reply.remediations,
                where=where,
                severity=reply.severity,
            )
            posted = client.post(
                channel, document, context.task.key, reply.thread_ts or None, before_send=context.check_turn
            )
    except NotFound as error:
        if not reply.thread_ts:
            # Nothing of ours can be gone there, so a person has to look: it is no reason to give the message up.
            raise Curable(error.message, "Choose another channel, or ask the Slack administrator.") from None
        # The thread was deleted: what belonged there begins a new one.
        return post(context, document, replace(reply, thread_ts=""), is_alerts_choice)
    except NoChannel:
        elsewhere = _elsewhere(context, reply)
        if elsewhere is None:
            raise
        return post(context, document, elsewhere, is_alerts_choice=False)
    return _posted(context, posted, reply)


def _elsewhere(context: Context, reply: MessagePosted) -> MessagePosted | None:
    """Where what belongs into a thread goes once its channel is no more: where its alert posts by now.

    None where that is the same channel. Raises Curable where alerts may not choose it, and as ``message_place``.
    """
    place = reply.channel, reply.thread_ts
    opener = next((one for one in context.lane if _began(one) == place), None)
    whole = context.store.get(opener.key) if opener is not None else None
    if whole is None or whole.finding is None:
        return None
    own = replace(context, task=whole, view=context.lane)
    now = message_place(own)
    if (now.workspace.name, now.channel) == (reply.workspace, reply.requested_channel):
        return None
    _check_channel(own, now.workspace, request_text(own.request, "channel"))
    there = replace(reply, workspace=now.workspace.name, requested_channel=now.channel)
    return replace(there, channel=now.channel, thread_ts="")


def _began(task: Task) -> tuple[str, str]:
    """Channel and thread of a message that began one."""
    thread = _thread(task)
    return (thread.channel, thread.ts) if thread else ("", "")


def _check_channel(context: Context, workspace: SlackWorkspace, channel: str) -> None:
    if channel and not context.config.general.allows_channel(channel, workspace.default_channel):
        raise Curable(
            f"Slack workspace '{workspace.name}': alerts may not post in channel '{channel[:80]}'.",
            "Choose another channel in the alert action, or add this one to the allowed channels on the General tab.",
        )


def _posted(context: Context, posted: Any, reply: MessagePosted) -> Result:
    outcome = replace(reply, channel=posted.channel, ts=posted.ts)
    context.audit("slack_posted", channel=posted.channel, ts=posted.ts)
    return Result("Posted to Slack.", outcome)


def service(request: Mapping[str, Any], finding: Finding | None) -> str:
    """The workspace, and the channel in it."""
    return f"slack:{request_text(request, 'slack_workspace')}:{request_text(request, 'channel')}"


def request(finding: Finding, parameters: Mapping[str, str]) -> TaskRequest:
    """Raises ConfigurationError for a channel Slack could not know."""
    channel = parameters.get("channel", "")
    if channel and not re.fullmatch(rf"#?[^\s#@<>&,]{{1,80}}|{EMAIL}", channel):
        raise ConfigurationError(f"'{channel[:40]}' is not a Slack channel.", "Correct it in the alert action.")
    wanted = {"slack_workspace": parameters.get("slack_workspace", ""), "channel": channel.lstrip("#")}
    return TaskRequest("slack", FINDING, {**wanted, **wording_of(parameters)})


PARAMETERS = (
    Parameter(
        "slack_workspace",
        "Slack workspace",
        "A name from the Slack tab of the app. Leave empty for the default workspace.",
        offered="slack_workspaces",
    ),
    Parameter(
        "channel",
        "Channel",
        "#name or ID of a channel that the General tab allows, or a member's ID or email address. Leave empty for the "
        "default channel. A webhook always posts to its own channel.",
        offered="slack_channels",
    ),
    *WORDING,
    *GROUPING,
)
ACTION = Action(
    "notify_slack",
    "Notify Slack",
    "Posts the finding to a Slack channel, and later findings of the case to its thread.",
    PARAMETERS,
    AdaptiveResponse(("create",), ("splunk.event",), ("Information Conveyance",), "Slack", "Slack"),
    "step=slack_posted",
    request,
    merges=True,
    gathers=True,
)
KINDS = (
    Kind(FINDING, "slack", finding, _find_finding, service=service, is_requested=True),
    Kind("slack.remediation", "slack", remediation, _find_remediation, on_remediation=True, service=service),
)
