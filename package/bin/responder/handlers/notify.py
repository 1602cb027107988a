"""Notifiers beside Slack: a message for each new case, each recurrence, and each remediation of a case.

A notifier has no threads and gives nothing back, so nothing can be looked up. What was sent without an answer is sent
again just as it was, about the same events and with the same id, until it is answered. Receivers that keep ids, and
people who see them, can tell that it is the same: rather twice than never.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..cases.keys import case_of_event, follow_up
from ..cases.outcomes import Notification
from ..cases.recording import TaskRequest
from ..cases.task import Attempt, Task
from ..documents import incidents, messages, payloads
from ..documents.incidents import SHOWN_IN_SLACK
from ..documents.reports import TicketLink
from ..errors import ConfigurationError, Curable, ResponderError, Unavailable, UnknownOutcome, Waiting
from ..findings.finding import Finding
from ..notifiers import base
from ..notifiers.base import Message
from ..settings.notifier import NotifierEntry
from ..settings.reader import Configuration
from . import incident
from .action import Action, AdaptiveResponse, Parameter
from .any_alert import GROUPING, WORDING, wording_in, wording_of
from .base import Context, Kind, Result, request_text
from .digest import Destination, Digest
from .excuse_notices import document_of
from .lane_view import case_told_of
from .reports import case_report, remediation_report, ticket_link, with_origin
from .routing import account_for, notifier_named
from .run_reports import remediations
from .subscription import remediation_to_report
from .ticket import current_ticket

FAMILY, FINDING, REMEDIATION, EXCUSE = "notify", "notify.finding", "notify.remediation", "notify.excuse"


def finding(context: Context) -> Result:
    """Notify of the case, or of new events in it."""
    entry = context.config.notifier(notifier_named(context.splunkd, context.request, context.finding))
    here = _destination(context, entry.name)
    news = here.single()
    if news is None:
        return Result("The notifier already has all of these events.", needs_turn=False)
    kind = base.FINDING
    if context.lane.newest(_notified_by, entry.name, context.task.key) is not None:
        kind, news = base.RECURRENCE, here.together() or news
    elif news.finding.rows or here.other_cases_wait():
        # Of a run of an alert whatever is recorded is in one message.
        news = here.together() or news
    reported = tuple(remediations(context)) if kind == base.FINDING else ()
    message = _of_finding(context, entry.name, kind, news, reported)
    about = Attempt("", kind, 0.0, news.event_ids, reported, {"notifier": entry.name}, news.finding.severity)
    return _send(context, entry, message, about)


def remediation(context: Context) -> Result:
    """Notify each notifier that has a message about the case of what became of a remediation."""
    name, outcome = remediation_to_report(context)
    asked = _asked_for(context)
    if outcome is None or not asked:
        return Result("No notifier has a message about the case, or there is something newer to report.")
    chosen = request_text(context.task.request, "notifier")
    if not chosen and len(asked) > 1:
        return _by_each(context, asked)
    entry = _that_has_a_message(context, asked, chosen)
    if entry is None:
        return Result("The notifier has no message about the case.")
    if _destination(context, entry.name).reports(name):
        return Result("The notifier already has this report.")
    about = Attempt("", base.REMEDIATION, 0.0, (), (name,), {"notifier": entry.name})
    return _send(context, entry, _of_remediation(context, name), about)


def excused(context: Context) -> Result:
    """Notify each notifier that has a message about the case of an excuse of it."""
    asked, chosen = _asked_for(context), request_text(context.task.request, "notifier")
    if not chosen and len(asked) > 1:
        return _by_each(context, asked)
    entry = _that_has_a_message(context, asked, chosen)
    if entry is None:
        return Result("No notifier has a message about the case.")
    return _send(context, entry, _of_excuse(context), Attempt("", base.EXCUSE, 0.0, where={"notifier": entry.name}))


def _by_each(context: Context, asked: Mapping[str, bool]) -> Result:
    """One that is away keeps no other from hearing of it."""
    return Result("Reported by each notifier's own task.", follow_ups=[_for_one(context.task, one) for one in asked])


def _that_has_a_message(context: Context, asked: Mapping[str, bool], chosen: str) -> NotifierEntry | None:
    """The notifier that was chosen, or the only one; None where it has no message about the case.

    Raises Waiting where that is still to be sent.
    """
    to = chosen or next(iter(asked), "")
    if to not in asked:
        return None
    entry = context.config.notifier(to)
    if context.lane.newest(_notified_by, entry.name, context.task.key) is None:
        if asked[to]:
            raise Waiting("The case's message is not sent yet.", "The report is sent after it.")
        return None
    return entry


def find(context: Context, attempt: Attempt) -> Result | None:
    """Send it again, just as it was: nothing else can tell what became of it. None where it cannot be as it was."""
    name = attempt.where["notifier"]
    if name not in context.config.notifier_names:
        # Where it went is no more. What the alert asks for now, the task itself finds out.
        return None
    if attempt.effect == base.REMEDIATION:
        known, outcome = remediation_to_report(context)
        if outcome is None or known not in attempt.remediations:
            return Result("There is something newer to report.")
        message = _of_remediation(context, known)
    elif attempt.effect == base.EXCUSE:
        message = _of_excuse(context)
    else:
        news = _destination(context, name).again(attempt.event_ids)
        if news is None:
            return None
        message = _of_finding(context, name, attempt.effect, news, attempt.remediations)
    entry = context.config.notifier(name)
    client = context.services.notifier(entry, context.config.http)
    rendered = client.render(message)
    try:
        with client.admitted():
            context.turn.send(attempt)
            client.send(rendered, before_send=context.check_turn)
    except UnknownOutcome as error:
        # Less and less often: each may be one more message.
        raise Unavailable(error.message, error.hint) from error
    return _sent(context, entry, message, attempt)


def _send(context: Context, entry: NotifierEntry, message: Message, about: Attempt) -> Result:
    client = context.services.notifier(entry, context.config.http)
    rendered = client.render(message)
    with client.admitted():
        context.send(
            about.effect,
            event_ids=about.event_ids,
            remediations=about.remediations,
            where=about.where,
            severity=about.severity,
        )
        client.send(rendered, before_send=context.check_turn)
    return _sent(context, entry, message, context.turn.attempts[context.task.key])


def _sent(context: Context, entry: NotifierEntry, message: Message, attempt: Attempt) -> Result:
    context.audit("notified", notifier=entry.name, message_id=message.id)
    outcome = Notification(**attempt.notified, notifier=entry.name, message_id=message.id)
    return Result(f"Sent by notifier '{entry.name}'.", outcome)


# What is sent


def _of_finding(context: Context, notifier: str, kind: str, news: Digest, reported: tuple[str, ...]) -> Message:
    """``reported``: names of the remediations that it reports."""
    ticket, several = _ticket(context), incident.found_in(news)
    is_first = kind == base.FINDING
    what = incident.opening(news).finding if is_first else news.finding
    account = account_for(context.splunkd, what)
    case, wording = with_origin(context, case_report(context), what), wording_in(context.request)
    known = remediations(context) if reported else {}
    reports = [remediation_report(outcome) for name, outcome in known.items() if name in reported]
    if is_first:
        document = messages.slack_finding(what, account, case, reports, ticket, wording)
        _, document = incident.opened_with(news, "", document, SHOWN_IN_SLACK)
    elif len(several) > 1 or case_told_of(context.task):
        # How the other cases stand is left out: it may change, and what is sent again is just as it was.
        is_known = _is_known(context, notifier, several)
        document = incidents.reply(several, is_known, what.event_ids, (), ticket, case)
    else:
        document = messages.slack_recurrence(what, what.event_ids, ticket, news.listed_before)
    data = payloads.finding(what, case, account, reports, ticket, wording, several)
    at = what.last_time or context.task.created_at
    return Message(kind, _id(context.task, news.event_ids, reported), context.case_id, at, document, data)


def _is_known(context: Context, notifier: str, several: Sequence[Finding]) -> bool:
    """Whether a notifier was told of the case of the task before."""
    case, others = case_told_of(context.task), (task for task in context.lane if task.key != context.task.key)
    sent = (task.outcome for task in others if isinstance(task.outcome, Notification))
    told = {case_of_event(name) for one in sent if one.notifier == notifier for name in one.event_ids}
    return len(several) == 1 and case in told


def _of_remediation(context: Context, name: str) -> Message:
    _, outcome = remediation_to_report(context)
    assert outcome is not None
    report, ticket = remediation_report(outcome), _ticket(context)
    document = messages.slack_remediation(report, ticket)
    data = payloads.remediation(context.finding, case_report(context), report, ticket)
    at = outcome.finished_at or context.task.created_at
    return Message(base.REMEDIATION, _id(context.task, (), (name,)), context.case_id, at, document, data)


def _of_excuse(context: Context) -> Message:
    task, ticket = context.task, _ticket(context)
    data = payloads.excuse(case_report(context), task.request, ticket)
    document = document_of(task.request)
    return Message(base.EXCUSE, _id(task, (), ()), context.case_id, task.created_at, document, data)


def _id(task: Task, event_ids: tuple[str, ...], reported: tuple[str, ...]) -> str:
    """The same for the same news of a task. Signatures are made over it with dots between, so it has none."""
    news = json.dumps([sorted(event_ids), sorted(reported)]).encode()
    return f"{task.key.replace('.', '-')}-{hashlib.sha256(news).hexdigest()[:12]}"


def _ticket(context: Context) -> TicketLink | None:
    return ticket_link(current_ticket(context.others("ticket"), context.task.owner))


# Who was notified


def _destination(context: Context, notifier: str) -> Destination:
    return Destination(context, _place, notifier)


def _place(sent: Notification) -> str:
    return sent.notifier


def _notified_by(task: Task) -> str | None:
    """Which notifier was sent events of the case by this task."""
    sent = task.outcome
    return sent.notifier if isinstance(sent, Notification) and sent.event_ids else None


def _asked_for(context: Context) -> dict[str, bool]:
    """The notifiers that the case's alerts ask for, oldest first, and whether something is still to be sent there."""
    found: dict[str, bool] = {}
    for task in context.lane:
        if task.kind == FINDING:
            try:
                name = context.config.notifier(notifier_named(context.splunkd, task.request, task.finding)).name
            except (ConfigurationError, Curable):
                # The task itself says what is missing.
                continue
            found[name] = found.get(name, False) or not task.final
    return found


def _for_one(task: Task, notifier: str) -> Task:
    """The same report, to one notifier."""
    request = {**task.request, "notifier": notifier}
    about = [request_text(task.request, name) for name in ("about", "status", "ask")]
    named = list(filter(None, about)) if task.kind == REMEDIATION else [task.key]
    key = follow_up(task.case_id, FAMILY, task.kind, *named, notifier)
    return task.following(key, task.kind, request, service(request, None))


# What an alert asks for


def service(request: Mapping[str, Any], finding: Finding | None) -> str:
    return f"notify:{request_text(request, 'notifier')}"


def is_set_up(config: Configuration) -> bool:
    """Whether there is any notifier; without one, nobody can have been notified of a case."""
    try:
        return bool(config.notifier_names)
    except ResponderError:
        # A reading that fails keeps nobody from a report: it ends by itself where nobody wants it.
        return True


def request(finding: Finding, parameters: Mapping[str, str]) -> TaskRequest:
    """Raises ConfigurationError for a name that no entry can have."""
    name = parameters.get("notifier", "").strip()
    if name and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,49}", name):
        raise ConfigurationError(f"'{name[:40]}' is not the name of a notifier.", "Correct it in the alert action.")
    return TaskRequest(FAMILY, FINDING, {"notifier": name, **wording_of(parameters)})


ACTION = Action(
    "notify",
    "Notify",
    "Sends the finding to Microsoft Teams or to a webhook, and later findings and remediations of the case.",
    (
        Parameter(
            "notifier",
            "Notifier",
            "A name from the Notifiers tab of the app. Leave empty if there is only one.",
            offered="notifiers",
        ),
        *WORDING,
        *GROUPING,
    ),
    AdaptiveResponse(("create",), ("splunk.event",), ("Information Conveyance",), "CloudTrail Responder", "Notifier"),
    "step=notified",
    request,
    merges=True,
    gathers=True,
)
KINDS = (
    Kind(FINDING, FAMILY, finding, find, service=service, is_requested=True),
    Kind(REMEDIATION, FAMILY, remediation, find, on_remediation=True, is_set_up=is_set_up, service=service),
    Kind(EXCUSE, FAMILY, excused, find, on_excuse_notice=True, is_set_up=is_set_up, service=service),
)
