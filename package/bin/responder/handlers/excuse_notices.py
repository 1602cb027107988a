"""Ticket and thread hear of an excuse: that it was given, that it was lifted, and that it is about to end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..cases.excuses import LIFTED, Excuse
from ..cases.keys import follow_up
from ..cases.task import Attempt, Task
from ..documents import excuses as documents
from ..documents.document import Document
from . import slack, ticket, ticket_life
from .base import Context, Kind, Result, request_text
from .excused_cases import all_excused
from .registry import kinds
from .slack_edits import excuse_edits


def notices(excuse: Excuse, of: Task, stage: str, until: float, place: str) -> tuple[Task, ...]:
    """Tasks that say it, once, to each family that wants to hear of it. ``of``: a task of the case with a finding.

    ``place``: the case whose ticket and thread say it. Another one than that of the excuse tells of several: there it
    is named, and how that one stands itself does not change.
    """
    request: dict[str, Any] = {"stage": stage, "until": until, "by": excuse.by, "reason": excuse.reason}
    identity: tuple[str, ...] = excuse.identity
    if place == excuse.case:
        request["excuse"] = excuse.number
    else:
        request["of"] = _name(of)
        request["excused"] = {"case": excuse.case, "number": excuse.number}
        identity = (*identity, excuse.case)
    found = []
    for kind in kinds().values():
        if kind.on_excuse_notice:
            key = follow_up(place, kind.family, kind.name, stage, *identity)
            found.append(of.following(key, kind.name, request, kind.service(request, of.finding)))
    return tuple(found)


def _name(of: Task) -> str:
    """As the list of an incident's cases names it."""
    finding = of.finding
    if finding is None:
        return of.about_case
    return f"{finding.signature} on {finding.object_id}" if finding.object_id else finding.signature


def stage_of(excuse: Excuse) -> str:
    return documents.LIFTED if excuse.state == LIFTED else documents.GIVEN


def document_of(request: Mapping[str, Any]) -> Document:
    """What a notice says, by its request."""
    until = request.get("until")
    return documents.notice(
        request_text(request, "stage"),
        float(until) if isinstance(until, (int, float)) else 0.0,
        request_text(request, "by"),
        request_text(request, "reason"),
        request_text(request, "of"),
    )


def on_ticket(context: Context) -> Result:
    """Comment on the case's ticket."""
    _wait_for_excuse(context)
    return _moving(context, ticket.note(context, document_of(context.task.request)))


def find_on_ticket(context: Context, attempt: Attempt) -> Result | None:
    """Look up a comment that was sent without an answer."""
    _wait_for_excuse(context)
    found = ticket.find_note(context, attempt)
    return _moving(context, found) if found is not None else None


def _moving(context: Context, said: Result) -> Result:
    """With what moves the ticket, where its site says so."""
    current = ticket.current_ticket(list(context.lane), context.task.owner)
    stage, (case, number) = request_text(context.task.request, "stage"), _about(context)
    if current is None or stage not in (documents.GIVEN, documents.LIFTED) or not case:
        return said
    moves = ticket_life.excused(context, current, case, number, lifted=stage == documents.LIFTED)
    return replace(said, follow_ups=(*said.follow_ups, *moves))


def _wait_for_excuse(context: Context) -> None:
    """Before anything is sent: whether the ticket moves is decided by it. Raises Waiting."""
    case, number = _about(context)
    if case:
        all_excused(context, case, number)


def _about(context: Context) -> tuple[str, int]:
    """Which case was excused, and by which of its excuses; ("", 0) where an earlier version has not said so."""
    request = context.task.request
    if isinstance(request.get("excuse"), int):
        return context.case_id, int(request["excuse"])
    about = request.get("excused")
    known = about if isinstance(about, Mapping) and isinstance(about.get("number"), int) else {}
    return str(known.get("case") or ""), int(known.get("number") or 0)


def in_thread(context: Context) -> Result:
    """Reply in the case's thread, and have the message that began it show how the case stands."""
    edits = _edits(context)
    return replace(slack.note(context, document_of(context.task.request)), follow_ups=edits)


def find_in_thread(context: Context, attempt: Attempt) -> Result | None:
    """Look up a reply that was sent without an answer."""
    found = slack.find(context, attempt)
    return replace(found, follow_ups=_edits(context)) if found is not None else None


def _edits(context: Context) -> tuple[Task, ...]:
    case, number = _about(context)
    return excuse_edits(context, case, number) if case else ()


KINDS = (
    Kind("ticket.excuse", "ticket", on_ticket, find_on_ticket, service=ticket.service, on_excuse_notice=True),
    Kind("slack.excuse", "slack", in_thread, find_in_thread, service=slack.service, on_excuse_notice=True),
)
