"""What has happened in a case, in order, as far as its documents say; the audit index has every step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..cases.excuses import LIFTED, Excuse
from ..cases.outcomes import (
    Dispatched,
    FindingExcused,
    MessagePosted,
    Notification,
    Remediated,
    TicketCommented,
    TicketOpened,
)
from ..cases.task import Task
from ..documents import remediations as worded
from ..documents.excuses import excused_until, lifted_by
from ..errors import one_line
from ..findings.finding import Finding
from ..handlers.reports import remediation_report
from ..remediation.verdicts import CLOSED, JIRA, SLACK, Decision
from .waiting_list import UNDO

#: Entries that are given, the newest.
MOST = 200
_WAYS = {SLACK: " in Slack", JIRA: " in Jira"}


@dataclass(frozen=True)
class HistoryEntry:
    #: Epoch seconds.
    at: float
    #: What it is of: ``finding``, ``ticket``, ``message``, ``remediation``, ``answer`` or ``excuse``.
    kind: str
    #: One line for people. Texts in it are an attacker's, or of people.
    text: str
    #: Who did it, where that was a person; else empty.
    by: str = ""
    #: The task that it is of; empty where it is of none.
    task: str = ""


def entries(
    tasks: Sequence[Task],
    case: Mapping[str, object],
    answers: Sequence[Decision],
    excuses: Sequence[Excuse],
    finding: Finding | None,
) -> list[HistoryEntry]:
    """Oldest first. ``case``: its document."""
    found = [*_found(case, finding), *_done(tasks), *_answered(answers), *_excused(excuses)]
    return sorted(found, key=lambda one: one.at)[-MOST:]


def _found(case: Mapping[str, object], finding: Finding | None) -> Iterator[HistoryEntry]:
    if finding is not None and finding.first_time and finding.first_time != finding.last_time:
        yield HistoryEntry(finding.first_time, "finding", "First event in CloudTrail")
    if finding is not None and finding.last_time:
        yield HistoryEntry(finding.last_time, "finding", "Last event in CloudTrail")
    opened = case.get("opened_at")
    if isinstance(opened, (int, float)) and opened:
        alert = one_line(case.get("search_name") or "")
        yield HistoryEntry(float(opened), "finding", f"Case opened by the alert {alert}" if alert else "Case opened")


def _done(tasks: Sequence[Task]) -> Iterator[HistoryEntry]:
    for task in tasks:
        said = task.outcome
        if task.kind == UNDO and task.request.get("by"):
            by = one_line(str(task.request["by"]))
            yield HistoryEntry(task.created_at, "remediation", "Undo requested", by, task.key)
        if isinstance(said, Remediated) and said.finished_at:
            text = f"{worded.title(remediation_report(said))}: {one_line(said.playbook)}"
            yield HistoryEntry(said.finished_at, "remediation", text, "", task.key)
        elif isinstance(said, TicketOpened):
            at = said.notified_at or task.updated_at
            yield HistoryEntry(at, "ticket", f"Ticket {one_line(said.key)} opened", "", task.key)
        elif isinstance(said, TicketCommented) and said.notified_at:
            text = f"Comment on ticket {one_line(said.key)}"
            yield HistoryEntry(said.notified_at, "ticket", text, "", task.key)
        elif isinstance(said, MessagePosted) and said.notified_at:
            where = one_line(said.requested_channel or said.channel)
            opened = f"Message in Slack ({where})" if where else "Message in Slack"
            text = "Reply in the Slack thread" if said.thread_ts else opened
            yield HistoryEntry(said.notified_at, "message", text, "", task.key)
        elif isinstance(said, Notification) and said.notified_at:
            text = f"Notification sent by {one_line(said.notifier)}"
            yield HistoryEntry(said.notified_at, "message", text, "", task.key)
        elif isinstance(said, Dispatched) and said.notified_at:
            yield HistoryEntry(said.notified_at, "message", f"Dispatched to {one_line(said.target)}", "", task.key)
        elif isinstance(said, FindingExcused):
            yield HistoryEntry(task.updated_at, "excuse", "Finding recorded only, as the case is excused", "", task.key)


def _answered(answers: Sequence[Decision]) -> Iterator[HistoryEntry]:
    for one in answers:
        if one.decision != CLOSED:
            text = ("Approved" if one.approved else "Rejected") + _WAYS.get(one.way, "")
            yield HistoryEntry(one.at, "answer", text, one_line(one.by), one.task)


def _excused(excuses: Sequence[Excuse]) -> Iterator[HistoryEntry]:
    for one in excuses:
        said = lifted_by(one.by) if one.state == LIFTED else excused_until(one.until, one.by, one.reason)
        yield HistoryEntry(one.at, "excuse", said, one_line(one.by))
