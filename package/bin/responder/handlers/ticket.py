"""Tickets: one a case, comments for what comes later, a new one when it was closed in between."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..cases.outcomes import Outcome, Remediated, TicketCommented, TicketOpened
from ..cases.recording import TaskRequest
from ..cases.task import Attempt, Task
from ..documents import messages
from ..errors import ConfigurationError, Curable, NotFound, Unavailable, Waiting
from ..findings.finding import Finding
from ..jira.model import Archived, NewTicket, Ticket, label_of
from ..settings.model import JiraSite
from . import incident, ticket_life, ticket_links
from .action import Action, AdaptiveResponse, Parameter
from .any_alert import GROUPING, WORDING, wording_in, wording_of
from .base import Context, Kind, Result, request_text
from .digest import Destination, Digest, digest_told
from .es_notes import remediation_notes, ticket_notes
from .jira_service import service as service
from .reports import case_report, remediation_report, with_origin
from .routing import account_for, ticket_place
from .run_reports import remediations
from .slack_edits import links
from .standing import standing
from .subscription import remediation_to_report
from .ticket_answers import with_how_to_answer
from .ticket_digests import reported_together
from .ticket_fields import with_fields
from .ticket_fields import wording as wording_of_site
from .ticket_files import of_finding, of_remediation, shown_records
from .ticket_gone import became, gone, nobody_to_report_to
from .ticket_raise import RAISE, raised, with_raised
from .ticket_rows import attachments
from .ticket_state import name_of, opened_as, states
from .ticket_watchers import watching

OUR_LABEL = "cloudtrail-responder"
FINDING = "ticket.finding"


def finding(context: Context) -> Result:
    """Open the case's ticket in the alert's project, or comment on it; a new one where it was closed or deleted."""
    place = ticket_place(context)
    site, project = place.site, place.project
    here = Destination(context, _project, (site.name, project))
    alone = here.single()
    current = _ticket(context.lane.newest(_opened_in, (site.name, project), context.task.key))
    if alone is None:
        notes = ticket_notes(context, current.key, current.url) if current else ()
        return Result("The ticket lists all of its events already.", needs_turn=False, follow_ups=notes)
    client = context.services.tickets(site, context.config.http)
    if current is None:
        # Of a run of an alert whatever is recorded is in one ticket, and in one file.
        first = here.together() if alone.finding.rows or here.other_cases_wait() else alone
        return _open(context, client, incident.opening(first or alone), site, project)
    # Before Jira is asked whether the ticket is open: what has to wait anyway costs no request.
    news = here.together() or alone
    there = ticket_life.held(context, client, site, current)
    if there is None:
        return _open(context, client, incident.opening(news), site, project)
    outcome = TicketCommented(
        event_ids=news.event_ids,
        notified_at=context.clock(),
        severity=news.finding.severity,
        turn=context.turn.number,
        key=current.key,
        site=site.name,
        project=project,
        id=there.id,
    )
    document = incident.comment(context, news, incident.reported(context, news))
    document = document or messages.recurrence(news.finding, news.finding.event_ids, news.listed_before)
    document = with_raised(document, raised(context, client, place, there, current, news))
    commented = _comment(context, client, document, outcome)
    commented = replace(commented, message=commented.message.replace(current.key, there.key, 1))
    return _followed(context, commented, news)


def _followed(context: Context, done: Result, news: Digest) -> Result:
    """With what follows a ticket or a comment about events, whether Jira has answered or it was looked up.

    The rows are attached; the box lists the cases that the ticket tells of, where they are several.
    """
    commented, edited = done.outcome, tuple[Task, ...]()
    if isinstance(commented, TicketCommented) and incident.has_other_cases(context):
        edited = states(context, commented, context.task.key)
    files = attachments(context, incident.attached(news))
    return replace(done, follow_ups=(*done.follow_ups, *edited, *files))


def remediation(context: Context) -> Result:
    """Report on the ticket what became of a remediation."""
    name, outcome = remediation_to_report(context)
    own = context.task
    if outcome is None or not context.lane.has_kind(FINDING, own.key):
        return Result("The case has no ticket, or there is something newer to report.")
    current = incident_ticket(context) or _case_ticket(context)
    if current is None:
        raise Waiting("The case's ticket is not created yet.", "The comment is added after it.")
    edited = _edits(context, current, name, outcome)
    if Destination(context, name_of, name_of(current)).reports(name):
        moves = ticket_life.moves(context, current, request_text(own.request, "about"))
        return Result(f"Ticket {current.key} reports it already.", follow_ups=(*edited, *moves))
    site = context.config.jira_site(current.site)
    client = context.services.tickets(site, context.config.http)
    try:
        there, _ = ticket_life.place(context, client, current)
    except NotFound as why:
        return nobody_to_report_to(context, current, why)
    others = reported_together(context, current, outcome)
    commented = TicketCommented(
        remediations=(name, *others),
        turn=context.turn.number,
        key=current.key,
        site=current.site,
        project=current.project,
        id=there.id,
    )
    document = with_how_to_answer(messages.remediation(remediation_report(outcome)), site, [outcome])
    if others:
        document = messages.remediations_together([remediation_report(one) for one in (outcome, *others.values())])
    said = _comment(context, client, document, commented)
    return replace(said, follow_ups=(*edited, *said.follow_ups))


def note(context: Context, document: Any) -> Result:
    """Comment on the case's ticket, where it has one."""
    own = context.task
    if not context.lane.has_kind(FINDING, own.key):
        return Result("The case has no ticket.")
    current = _case_ticket(context)
    if current is None:
        raise Waiting("The case's ticket is not created yet.", "The comment is added after it.")
    client = context.services.tickets(context.config.jira_site(current.site), context.config.http)
    try:
        there, _ = ticket_life.place(context, client, current)
    except NotFound as why:
        return nobody_to_report_to(context, current, why)
    said = TicketCommented(
        turn=context.turn.number, key=current.key, site=current.site, project=current.project, id=there.id
    )
    return _noted(context, current, _comment(context, client, document, said))


def _noted(context: Context, ticket: TicketOpened | TicketCommented, done: Result) -> Result:
    """With what shows in the ticket's box what a note says."""
    own, number = context.task, context.task.request.get("excuse")
    edited = states(context, ticket, own.key, excuse=number if isinstance(number, int) else 0)
    return replace(done, follow_ups=(*edited, *done.follow_ups))


def _edits(
    context: Context, ticket: TicketOpened | TicketCommented, name: str, outcome: Remediated | None
) -> tuple[Task, ...]:
    """What shows what became of a remediation: in the ticket's box, in a file, on findings of Enterprise Security.

    Without outcome: in the box alone.
    """
    more = (*of_remediation(context, ticket, name, outcome), *remediation_notes(context, name)) if outcome else ()
    return (*states(context, ticket, name), *more)


def incident_ticket(context: Context) -> TicketOpened | None:
    """The ticket that tells of another case, whose remediation a task reports; None where it is the lane's own."""
    told = incident.told_by(context)
    if told is None or not isinstance(told.outcome, (TicketOpened, TicketCommented)):
        return None
    return _ticket(opened_as(context, told.outcome))


def _case_ticket(context: Context) -> TicketOpened | None:
    """As ``current_ticket``, of the case that a task belongs to."""
    lane, own = context.lane, context.task
    return _ticket(lane.newest(_opened_by, own.owner, own.key) or lane.newest(_opened_at_all, True, own.key))


def find(context: Context, attempt: Attempt) -> Result | None:
    """Look up a ticket or a comment that was sent without an answer."""
    where = attempt.where
    client = context.services.tickets(context.config.jira_site(where["site"]), context.config.http)
    if attempt.effect in ("reopen", RAISE):
        # Whether the ticket is open, and what it has, is asked anyway.
        return None
    if attempt.effect == "comment":
        number = where.get("id", "")
        try:
            written = client.find_comment(number or where["ticket"], attempt.task, attempt.at)
            if written is None:
                return None
        except NotFound:
            # The ticket was deleted, and the comment with it.
            return None
        commented = TicketCommented(
            **attempt.notified,
            key=where["ticket"],
            site=where["site"],
            project=where["project"],
            id=number,
            comment=written,
        )
        return _commented(context, commented)
    opening = TicketOpened(**attempt.notified, site=where["site"], project=where["project"])
    if attempt.effect == "adopt":
        there = client.commented(where["id"], attempt.task, attempt.at)
        # Which of its comments that is, nobody knows: for an approval it has shown nothing.
        opening = replace(opening, comment="0")
        return _opened(context, there, opening, is_new=False) if there else None
    ticket = client.find(attempt.task, label_of(context.case_id), attempt.at)
    return _opened(context, ticket, opening) if ticket else None


def _find_finding(context: Context, attempt: Attempt) -> Result | None:
    found = find(context, attempt)
    if found is None:
        return None
    own, events = context.task, attempt.event_ids
    news = digest_told(context, own, events) or Digest(context.finding, events, parts=((own, events),))
    return _followed(context, found, news)


def _find_remediation(context: Context, attempt: Attempt) -> Result | None:
    found = find(context, attempt)
    if found is None or not isinstance(found.outcome, TicketCommented):
        return found
    name, outcome = remediation_to_report(context)
    return replace(found, follow_ups=(*_edits(context, found.outcome, name, outcome), *found.follow_ups))


def find_note(context: Context, attempt: Attempt) -> Result | None:
    """Look up a note that was sent without an answer."""
    found = find(context, attempt)
    if found is None or not isinstance(found.outcome, TicketCommented):
        return found
    return _noted(context, found.outcome, found)


def current_ticket(tasks: Sequence[Task], owner: str) -> TicketOpened | None:
    """The ticket of a case: the newest that an alert of this owner opened, else the newest."""
    return _newest(task for task in tasks if task.owner == owner) or _newest(tasks)


def _newest(tasks: Iterable[Task]) -> TicketOpened | None:
    opened = [task.outcome for task in tasks if isinstance(task.outcome, TicketOpened)]
    return max(opened, key=lambda outcome: outcome.turn, default=None)


def _ticket(task: Task | None) -> TicketOpened | None:
    return task.outcome if task is not None and isinstance(task.outcome, TicketOpened) else None


def _project(outcome: TicketOpened | TicketCommented) -> tuple[str, str]:
    return outcome.site, outcome.project


def _opened_in(task: Task) -> tuple[str, str] | None:
    opened = _ticket(task)
    return (opened.site, opened.project) if opened else None


def _opened_by(task: Task) -> str | None:
    return task.owner if _ticket(task) else None


def _opened_at_all(task: Task) -> bool | None:
    return True if _ticket(task) else None


def _open(context: Context, client: Any, news: Digest, site: JiraSite, project: str) -> Result:
    _check_project(context, site, request_text(context.request, "project"))
    reported = remediations(context)
    new = _new(context, news, project, reported)
    new = replace(new, document=with_how_to_answer(new.document, site, reported.values()))
    there = ticket_life.open_elsewhere(context, client, site, project)
    where = {"site": site.name, "project": project, **({"ticket": there.key, "id": there.id} if there else {})}
    new = new if there else client.prepared(new)
    with client.admitted():
        context.send(
            "adopt" if there else "create",
            event_ids=news.event_ids,
            remediations=tuple(reported),
            where=where,
            severity=news.finding.severity,
        )
        written = ""
        if there:
            written = client.comment(there.id, new.document, context.task.key, before_send=context.check_turn)
        ticket = there or client.create(new, before_send=context.check_turn)
    opened = TicketOpened(
        news.event_ids,
        tuple(reported),
        context.clock(),
        news.finding.severity,
        context.turn.number,
        site=site.name,
        project=project,
        comment=written,
    )
    return _followed(context, _opened(context, ticket, opened, is_new=there is None), news)


def _check_project(context: Context, site: JiraSite, project: str) -> None:
    if project and not context.config.general.allows_project(project, site.default_project):
        raise Curable(
            f"Jira site '{site.name}': alerts may not open tickets in project '{project[:80]}'.",
            "Choose another project in the alert action, or add this one to the allowed projects on the General tab.",
        )


def _new(context: Context, news: Digest, project: str, reported: Mapping[str, Remediated]) -> NewTicket:
    place, known = ticket_place(context), account_for(context.splunkd, news.finding)
    reports = [remediation_report(outcome) for outcome in reported.values()]
    wording = wording_of_site(wording_in(context.request), place.site.fields)
    stands = standing(context, reported, context.task)
    case = with_origin(context, case_report(context), news.finding)
    summary, document = messages.ticket(
        news.finding, known, case, reports, wording, news.listed_before, stands, shown_records(context)
    )
    summary, document = incident.opened_with(news, summary, document)
    labels = [str(label) for label in context.request.get("labels", ())]
    new = NewTicket(
        project=project,
        issue_type=request_text(context.request, "issue_type"),
        summary=summary,
        document=document,
        labels=(label_of(context.case_id), OUR_LABEL, *labels),
        marker=context.task.key,
    )
    return with_fields(new, place, news.finding, known, context.clock())


def _opened(context: Context, ticket: Ticket, opening: TicketOpened, is_new: bool = True) -> Result:
    outcome = replace(opening, key=ticket.key, id=ticket.id, url=ticket.url)
    context.audit("ticket_created" if is_new else "ticket_commented", ticket=ticket.key, url=ticket.url)
    dropped = f" without {', '.join(ticket.dropped)}, which the project does not take" if ticket.dropped else ""
    notes = ticket_notes(context, ticket.key, ticket.url)
    earlier = _ticket(context.lane.newest(_opened_in, (outcome.site, outcome.project), context.task.key))
    life = (*ticket_links.links(context, outcome, earlier), *ticket_life.moves(context, outcome))
    shown = (*links(context, ticket.key), *of_finding(context, outcome))
    became = f"created{dropped}" if is_new else "was open already, and has a new comment"
    said = " ".join([f"Ticket {ticket.key} {became}.", *ticket.notes])
    return Result(said, outcome, follow_ups=(*notes, *life, *watching(context), *shown))


def _comment(context: Context, client: Any, document: Any, outcome: TicketCommented) -> Result:
    try:
        with client.admitted():
            context.send(
                "comment",
                event_ids=outcome.event_ids,
                remediations=outcome.remediations,
                where={"site": outcome.site, "project": outcome.project, "ticket": outcome.key, "id": outcome.id},
                severity=outcome.severity,
            )
            number = outcome.id or outcome.key
            written = client.comment(number, document, context.task.key, before_send=context.check_turn)
    except NotFound as why:
        opened = _ticket(opened_as(context, outcome))
        if opened is not None and isinstance(why, Archived):
            # Whoever looks next knows it already, and has no news to tell.
            gone(context, opened, why)
        raise Unavailable(f"Ticket {outcome.key} {became(why)}.", "A new one is opened.", retry_after=0) from why
    return _commented(context, replace(outcome, comment=written))


def _commented(context: Context, outcome: Outcome) -> Result:
    assert isinstance(outcome, TicketCommented)
    context.audit("ticket_commented", ticket=outcome.key)
    opened = _ticket(opened_as(context, outcome))
    notes = ticket_notes(context, opened.key, opened.url) if opened and context.task.kind == FINDING else ()
    moves = ticket_life.moves(context, opened, request_text(context.task.request, "about")) if opened else ()
    return Result(f"Ticket {outcome.key} has a new comment.", outcome, follow_ups=(*notes, *moves))


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
    return TaskRequest("ticket", FINDING, {**wanted, **wording_of(parameters)})


PARAMETERS = (
    Parameter(
        "jira_site",
        "Jira site",
        "A name from the Jira sites tab of the app. Leave empty for the default site.",
        offered="jira_sites",
    ),
    Parameter(
        "project",
        "Project key",
        "Key of a project that the General tab allows, for example SEC. Leave empty for the default project of the "
        "site.",
        offered="jira_projects",
    ),
    Parameter(
        "issue_type",
        "Issue type",
        "Name of the issue type in Jira. Leave empty for the default issue type of the site.",
        offered="jira_issue_types",
    ),
    Parameter(
        "labels",
        "Labels",
        "Optional. More labels for the ticket, separated by commas.",
    ),
    *WORDING,
    *GROUPING,
)
ACTION = Action(
    "create_ticket",
    "Create Jira ticket",
    "Creates a Jira ticket for each new case, or comments on the ticket that is open.",
    PARAMETERS,
    AdaptiveResponse(("create",), ("splunk.event",), ("Information Tracking",), "Atlassian", "Jira"),
    "step=ticket_created OR step=ticket_commented OR step=results_attached",
    request,
    merges=True,
    gathers=True,
)
KINDS = (
    Kind(FINDING, "ticket", finding, _find_finding, service=service, is_requested=True),
    Kind("ticket.remediation", "ticket", remediation, _find_remediation, on_remediation=True, service=service),
)
