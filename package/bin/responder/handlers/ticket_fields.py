"""What a ticket has beside its text: by the site's settings, by the finding's severity, and by its route."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from ..documents.reports import Wording
from ..findings.finding import Finding
from ..findings.templates import filled, has_fields, is_filled
from ..jira.model import NewTicket, TicketFields
from ..settings.jira_fields import JiraFields
from .routing import TicketPlace


def wording(chosen: Wording, fields: JiraFields) -> Wording:
    """The alert's own words, else the site's."""
    return Wording(chosen.title or fields.title, chosen.text or fields.text)


def with_fields(
    new: NewTicket, place: TicketPlace, finding: Finding, known: Mapping[str, str], now: float
) -> NewTicket:
    """``known``: of the finding's account; ``now``: for a finding that does not say when it happened."""
    fields, route = place.site.fields, place.route
    return replace(
        new,
        issue_type=new.issue_type or route.issue_type,
        labels=(*new.labels, *route.labels),
        priority=fields.priority(finding.severity),
        due_date=due_date(fields.days(finding.severity), finding.first_time or finding.last_time or now),
        fields=TicketFields(
            security_level=fields.security_level,
            parent=route.parent or fields.parent,
            assignee=route.assignee,
            components=route.components,
            # What nothing is known of is left to the project.
            others=tuple(
                (name, filled(value, finding, known))
                for name, value in fields.others
                if is_filled(value, finding, known)
            ),
            of_finding=tuple(name for name, value in fields.others if has_fields(value)),
        ),
    )


def due_date(days: int | None, since: float) -> str:
    """As in 2026-01-31, so many days after a moment; empty for None."""
    if days is None:
        return ""
    try:
        return (datetime.fromtimestamp(since, timezone.utc) + timedelta(days=days)).strftime("%Y-%m-%d")
    except (OverflowError, ValueError, OSError):
        # No calendar has such a day.
        return ""
