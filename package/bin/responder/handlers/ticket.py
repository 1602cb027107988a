"""Tickets: one a case, comments for what comes later, a new one when it was closed in between."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..cases import enrichment
from ..cases.outcomes import Notified, Outcome, Remediated, TicketCommented, TicketOpened
from ..cases.recording import TaskRequest
from ..cases.task import Attempt, Task
from ..documents import messages
from ..errors import ConfigurationError, Curable, NotFound, Unavailable, Waiting
from ..findings.finding import Finding
from ..jira.client import NewTicket, Ticket, label_of
from ..settings.model import JiraSite
from . import digest
from .action import Action
from .base import Context, Kind, Result, request_text
from .reports import case_report, remediation_report
from .subscription import remediation_to_report

OUR_LABEL = "cloudtrail-responder"
FINDING = "ticket.finding"


def finding(context: Context) -> Result:
    """Open the case's ticket, or comment on it; open a new one where it was closed or deleted."""
    if digest.single(context) is None:
        return Result("The ticket lists all of its events already.")
    current = _current(context)
    if current is None:
        return _open(context)
    client = context.services.tickets(context.config.jira_site(current.site), context.config.http)
    try:
        is_open = client.status(current.key).open
    except NotFound:
        is_open = False
    if not is_open:
        return _open(context)
    news = digest.together(context)
    if news is None:
        return Result("The ticket lists all of its events already.")
    document = messages.recurrence(news.finding, list(news.event_ids))
    outcome = TicketCommented(
        event_ids=news.event_ids,
        notified_at=context.clock(),
        severity=news.finding.severity,
        key=current.key,
        site=current.site,
    )
    return _comment(context, client, document, outcome)


def remediation(context: Context) -> Result:
    """Report on the ticket what became of a remediation."""
    name, outcome = remediation_to_report(context)
    if outcome is None or not any(task.kind == FINDING for task in context.siblings):
        return Result("The case has no ticket, or there is newer to report.")
    current = _current(context)
    if current is None:
        raise Waiting("The case's ticket is not open yet.", "The comment follows it.")
    if name in digest.reported_remediations(context):
        return Result(f"Ticket {current.key} reports it already.")
    client = context.services.tickets(context.config.jira_site(current.site), context.config.http)
    try:
        client.status(current.key)
    except NotFound:
        return Result(f"Ticket {current.key} was deleted, so there is nobody to report to.")
    document = messages.remediation(remediation_report(outcome))
    return _comment(
        context, client, document, TicketCommented(remediations=(name,), key=current.key, site=current.site)
    )


def find(context: Context, attempt: Attempt) -> Result | None:
    """Look up a ticket or a comment that was sent without an answer."""
    where = attempt.where
    client = context.services.tickets(context.config.jira_site(where["site"]), context.config.http)
    notified = Notified(attempt.event_ids, attempt.remediations, attempt.at if attempt.event_ids else 0.0)
    if attempt.effect == "comment":
        if client.find_comment(where["ticket"], attempt.task) is None:
            return None
        commented = TicketCommented(
            notified.event_ids, notified.remediations, notified.notified_at, attempt.severity, where["ticket"],
            where["site"],
        )  # fmt: skip
        return _commented(context, commented)
    ticket = client.find(label_of(context.case_id), where["project"], marker=attempt.task)
    if ticket is None:
        return None
    return _opened(context, ticket, _opening(attempt, where["site"], where["project"]))


def _opening(attempt: Attempt, site: str, project: str) -> TicketOpened:
    return TicketOpened(
        attempt.event_ids, attempt.remediations, attempt.at, attempt.severity, site=site, project=project
    )


def current_ticket(tasks: Iterable[Task]) -> TicketOpened | None:
    """The ticket of a case: the one that was opened last."""
    opened = [task.outcome for task in tasks if isinstance(task.outcome, TicketOpened)]
    return max(opened, key=lambda outcome: outcome.notified_at) if opened else None


def _current(context: Context) -> TicketOpened | None:
    """None where there is no ticket, and where its site is gone from the settings while the alert names another."""
    current = current_ticket(context.siblings)
    if current is None:
        return None
    try:
        context.config.jira_site(current.site)
    except ConfigurationError:
        wanted = request_text(_request(context), "jira_site")
        if context.config.jira_site(wanted).name != current.site:
            return None
        raise
    return current


def _request(context: Context) -> Mapping[str, Any]:
    """How the alert asked for the ticket. A report of a remediation goes where the case's findings go."""
    if context.task.kind == FINDING:
        return context.task.request
    return next((t.request for t in reversed(context.siblings) if t.kind == FINDING), {})


def _open(context: Context) -> Result:
    news = digest.single(context)
    if news is None:
        return Result("The ticket lists all of its events already.")
    site = context.config.jira_site(request_text(context.task.request, "jira_site"))
    project = request_text(context.task.request, "project") or site.default_project
    _check_project(context, site, project)
    client = context.services.tickets(site, context.config.http)
    reported = context.remediations()
    new = _new(context, news, site, project, reported)
    context.send(
        "create",
        event_ids=news.event_ids,
        remediations=tuple(reported),
        where={"site": site.name, "project": project},
        severity=news.finding.severity,
    )
    ticket = client.create(new, before_send=context.check_turn)
    opened = TicketOpened(
        news.event_ids, tuple(reported), context.clock(), news.finding.severity, site=site.name, project=project
    )
    return _opened(context, ticket, opened)


def _check_project(context: Context, site: JiraSite, project: str) -> None:
    if project and not context.config.general.allows_project(project):
        raise Curable(
            f"Jira site '{site.name}': alerts may not open tickets in project '{project[:80]}'.",
            "Choose another project in the alert action, or add this one to the allowed projects on the General tab.",
        )


def _new(
    context: Context, news: digest.Digest, site: JiraSite, project: str, reported: dict[str, Remediated]
) -> NewTicket:
    known = enrichment.account(context.splunkd, news.finding.vendor_account)
    reports = [remediation_report(outcome) for outcome in reported.values()]
    summary, document = messages.ticket(news.finding, known, case_report(context), reports)
    labels = [str(label) for label in context.task.request.get("labels", ())]
    return NewTicket(
        project=project,
        issue_type=request_text(context.task.request, "issue_type"),
        summary=summary,
        document=document,
        labels=(label_of(context.case_id), OUR_LABEL, *labels),
        marker=context.task.key,
    )


def _opened(context: Context, ticket: Ticket, opening: TicketOpened) -> Result:
    outcome = replace(opening, key=ticket.key, id=ticket.id, url=ticket.url)
    context.audit("ticket_created", ticket=ticket.key, url=ticket.url)
    dropped = f" without {', '.join(ticket.dropped)}, which the project does not take" if ticket.dropped else ""
    return Result(f"Ticket {ticket.key} created{dropped}.", outcome)


def _comment(context: Context, client: Any, document: Any, outcome: TicketCommented) -> Result:
    context.send(
        "comment",
        event_ids=outcome.event_ids,
        remediations=outcome.remediations,
        where={"site": outcome.site, "ticket": outcome.key},
        severity=outcome.severity,
    )
    try:
        client.comment(outcome.key, document, context.task.key, before_send=context.check_turn)
    except NotFound as gone:
        raise Unavailable(f"Ticket {outcome.key} was deleted.", "A new one is opened.", retry_after=0) from gone
    return _commented(context, outcome)


def _commented(context: Context, outcome: Outcome) -> Result:
    assert isinstance(outcome, TicketCommented)
    context.audit("ticket_commented", ticket=outcome.key)
    return Result(f"Ticket {outcome.key} has a new comment.", outcome)


def request(finding: Finding, parameters: Mapping[str, str]) -> TaskRequest:
    """Raises ConfigurationError for a parameter Jira could not take."""
    labels = [label for label in re.split(r"[,\s]+", parameters.get("labels", "")) if label]
    project = parameters.get("project", "")
    if project and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{1,79}", project):
        raise ConfigurationError(f"'{project[:40]}' is not a Jira project key.", "Correct it in the alert action.")
    if any(len(label) > 255 for label in labels):
        raise ConfigurationError("A label is longer than 255 characters.", "Correct it in the alert action.")
    wanted = {
        "jira_site": parameters.get("jira_site", ""),
        "project": project,
        "issue_type": parameters.get("issue_type", ""),
        "labels": labels,
    }
    return TaskRequest("ticket", FINDING, wanted)


ACTION = Action("create_ticket", request)
KINDS = (
    Kind(FINDING, "ticket", finding, find),
    Kind("ticket.remediation", "ticket", remediation, find, on_remediation=True),
)
