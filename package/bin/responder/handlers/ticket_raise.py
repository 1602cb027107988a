"""Raises priority, due date and assignee of a ticket when something graver joins it, and says so in its comment.

An effect of its own before the comment. Made twice it is the same, and what cannot be raised keeps nobody from the
comment.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..cases.outcomes import TicketCommented, TicketOpened
from ..documents.document import Document, Paragraph, bold, plain
from ..errors import Curable, Forbidden, NotFound
from ..findings.finding import severity_rank
from ..jira.model import AtLeast
from .base import Context
from .digest import Digest
from .routing import TicketPlace
from .ticket_fields import due_date
from .ticket_life import SKEW, Place

#: The effect, in what is written down before it.
RAISE = "raise"


def raised(
    context: Context, client: Any, place: TicketPlace, there: Place, ticket: TicketOpened, news: Digest
) -> tuple[str, ...]:
    """Sentences on what was raised, and on what stays. ``there``: where the ticket is now.

    Raises UnknownOutcome.
    """
    wanted = _wanted(context, place, news)
    if not wanted or severity_rank(news.finding.severity) <= _told(context, ticket):
        return ()
    try:
        # Nothing waits for its turn between the look at who has changed it and the change.
        with client.admitted():
            planned = client.raising.plan(there.address, wanted, context.task.created_at - SKEW)
            if planned.values:
                where = {"site": ticket.site, "project": ticket.project, "ticket": ticket.key, "id": there.id}
                context.send(RAISE, where=where)
            said = client.raising.carry_out(planned, before_send=context.check_turn)
    except NotFound:
        # Who comments on it finds that out, too.
        return ()
    except (Curable, Forbidden) as refusal:
        context.audit("ticket_not_raised", "failure", ticket=there.key, message=str(refusal))
        return ()
    if said:
        context.audit("ticket_raised", ticket=there.key, message=" ".join(said.values()))
    return tuple(said.values())


def with_raised(document: Document, said: tuple[str, ...]) -> Document:
    """A comment that says it, right behind what has happened."""
    if not said:
        return document
    first, *rest = document.blocks
    paragraph = Paragraph((bold("More severe than before. "), plain(" ".join(said))))
    return replace(document, blocks=(first, paragraph, *rest))


def _wanted(context: Context, place: TicketPlace, news: Digest) -> AtLeast:
    fields, finding = place.site.fields, news.finding
    since = finding.first_time or finding.last_time or context.clock()
    return AtLeast(
        priority=fields.priority(finding.severity),
        due_date=due_date(fields.days(finding.severity), since),
        assignee=place.route.assignee,
    )


def _told(context: Context, ticket: TicketOpened) -> int:
    """How severe the gravest is that a ticket has told of."""
    outcomes = (task.outcome for task in context.lane)
    told = (one for one in outcomes if isinstance(one, (TicketOpened, TicketCommented)))
    about = (one for one in told if (one.site, one.key) == (ticket.site, ticket.key))
    return max((severity_rank(one.severity) for one in about), default=0)
