"""Slack: one message a case; what comes later goes into its thread, or stands alone where a webhook has no threads."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from ..cases import enrichment as enrich
from ..documents import messages
from ..documents.reports import TicketLink
from ..errors import Waiting
from ..slack.client import Chat, Posted
from . import throttle as recurrence
from .base import Context, Result
from .reports import case_report, remediation_report
from .ticket import newest_ticket


def post(context: Context) -> Result:
    """Tell the channel of the case."""
    told = context.told_remediations()
    enrichment = enrich.account(context.splunkd, context.finding.vendor_account)
    reports = [remediation_report(outcome) for outcome in told.values()]
    document = messages.slack_finding(context.finding, enrichment, case_report(context), reports, _ticket(context))
    posted = _say(context, document)
    outcome = {"channel": posted.channel, "ts": posted.ts, "told": list(told)}
    outcome.update(recurrence.told(context, context.finding))
    return Result("done", "Slack was told.", outcome, context.waiting("slack", "slack_note"))


def reply(context: Context) -> Result:
    """The same finding again."""
    thread = _thread(context)
    if recurrence.told_already(context, "slack"):
        return Result("skipped", "Slack was told of it together with others.")
    what = recurrence.telling(context, "slack")
    _say(context, messages.slack_recurrence(what.finding, list(what.event_ids), _ticket(context)), thread)
    outcome = {"tells": list(what.others), **recurrence.told(context, what.finding)}
    return Result("done", "Slack was told again.", outcome, context.again(what.others))


def note(context: Context) -> Result:
    """Tell the thread what became of a remediation; skipped where Slack was not asked for or was told already."""
    name, outcome = context.remediation_to_tell()
    if outcome is None or not context.siblings("slack"):
        return Result("skipped", "Slack was not asked for, or there is newer to tell.")
    thread = _thread(context)
    if name in thread.get("told", ()):
        return Result("skipped", "The message tells of it already.")
    _say(context, messages.slack_remediation(remediation_report(outcome), _ticket(context)), thread)
    return Result("done", "Slack was told.", {})


def _ticket(context: Context) -> Optional[TicketLink]:
    found = newest_ticket(context.siblings("ticket"))
    return TicketLink(str(found["key"]), str(found.get("url", ""))) if found else None


def _thread(context: Context) -> Mapping[str, Any]:
    for task in context.siblings("slack"):
        if task.kind == "slack.post" and task.final:
            return task.outcome
    raise Waiting("The case's Slack message is not posted yet.", "The reply follows it.")


def _say(context: Context, document: Any, thread: Optional[Mapping[str, Any]] = None) -> Posted:
    """Post once. After an unknown outcome a bot looks first; a webhook cannot, and rather says it twice than never."""
    head = context.head("slack")
    request = head.request if head else context.task.request
    workspace = context.config.slack_workspace(str(request.get("slack_workspace") or ""))
    chat: Chat = context.services.chat(workspace, context.config.http)
    channel = str((thread or {}).get("channel") or request.get("channel") or "")
    thread_ts = str((thread or {}).get("ts") or "") or None
    marker, posted = context.task.key, None
    if context.unsure and chat.can_look_up:
        posted = chat.find(channel, marker, context.task.created_at, thread_ts)
    if posted is None:
        context.check_time()
        posted = chat.post(channel, document, marker, thread_ts)
    context.audit("slack_posted", channel=posted.channel, ts=posted.ts)
    return posted
