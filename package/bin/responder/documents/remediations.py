"""Parts of messages that show what became of a remediation."""

from __future__ import annotations

from . import states
from .document import Block, Bullets, Code, Facts, Paragraph, Span, Spans, bold, code, linked, moment, one_line, plain
from .findings import utc
from .reports import ChangeReport, RemediationReport

#: Status of a remediation -> how a message begins.
STATUS_TITLES = {
    "simulated": "Simulated: nothing was changed",
    "waiting": "Waiting for approval: nothing was changed yet",
    "done": "Done",
    "already": "Nothing to do",
    "refused": "Refused by a guardrail: nothing was changed",
    "rejected": "Rejected by a person: nothing was changed",
    "still_waiting": "Still waiting for approval: nothing was changed yet",
    "expired": "Not done: nobody answered in time",
    "excused": "Excused by a person: nothing was changed",
    "kept": "Kept: the change stays",
    "failed": "Failed",
    "undone": "Undone: the previous state is restored",
    "by_hand": "To be done by a person",
    "proved": "Proved by CloudTrail",
    "unproved": "Not proved by CloudTrail",
    "still_active": "NOT CONTAINED",
    "given_back": "GIVEN BACK in AWS",
    "undo_proved": "Undo proved by CloudTrail",
    "undo_unproved": "Undo not proved by CloudTrail",
}
#: The same where some changes were made before it came to that: by an earlier attempt, or until it was stopped.
_PARTLY_MADE_TITLES = {
    "waiting": "Waiting for approval: nothing more was changed yet",
    "refused": "Refused by a guardrail: nothing more was changed",
    "rejected": "Rejected by a person: nothing more was changed",
    "still_waiting": "Still waiting for approval: nothing more was changed yet",
    "expired": "Not all done: nobody answered in time",
    "excused": "Excused by a person: nothing more was changed",
}
#: Statuses in which the changes are a plan, except those that were made.
_PLANNED = ("simulated", "waiting", "still_waiting", "expired", "refused", "rejected", "excused")


def title(report: RemediationReport) -> str:
    """How a message begins: how it ended."""
    is_partly_made = any(change.is_made for change in report.changes)
    found = _PARTLY_MADE_TITLES.get(report.status) if is_partly_made else None
    return found or STATUS_TITLES.get(report.status) or report.status.capitalize() or "Unknown"


def status(report: RemediationReport) -> Spans:
    """One line: how it ended, which playbook, in which mode, when, and the message."""
    spans: list[Span] = [bold(f"{title(report)}."), plain(" "), code(report.playbook or "unknown playbook")]
    details: list[Span] = [plain(f"mode {report.mode}")] if report.mode else []
    if report.finished_at:
        details += [*([plain(", ")] if details else []), moment(utc(report.finished_at), report.finished_at)]
    if details:
        spans += [plain(" ("), *details, plain(")")]
    if report.message:
        spans += [plain(": "), plain(one_line(report.message))]
    return tuple(spans)


def full(report: RemediationReport) -> list[Block]:
    """The status and every change with its states."""
    blocks: list[Block] = [Paragraph(status(report))]
    for change in report.changes:
        blocks.append(Facts(_change(report, change)))
        blocks += differences(change)
    return [*blocks, *instructions(report)]


def differences(change: ChangeReport) -> list[Code]:
    """What a change changes, line by line; nothing where its states do not differ."""
    lines = states.diff(change.before, change.after)
    return [Code(lines)] if lines else []


def short(report: RemediationReport) -> list[Block]:
    """The status and one line for each change."""
    blocks: list[Block] = [Paragraph(status(report))]
    if report.changes:
        blocks.append(Bullets(tuple(change_line(change) for change in report.changes)))
    return [*blocks, *instructions(report)]


def instructions(report: RemediationReport) -> list[Bullets]:
    """In order, so they are numbered: a list of the services may have bullets only."""
    lines: list[Spans] = []
    for number, (text, address) in enumerate(report.instructions, 1):
        said: Spans = (plain(f"{number}. {one_line(text)}"),)
        lines.append((*said, plain(" "), *linked("Open in AWS", address)) if address else said)
    return [Bullets(tuple(lines))] if lines else []


def _change(report: RemediationReport, change: ChangeReport) -> tuple[tuple[str, Spans], ...]:
    planned = report.status in _PLANNED and not change.is_made
    rows: list[tuple[str, Spans]] = [("Planned change" if planned else "Change", (plain(change.summary),))]
    for label, value in (
        ("Resource", change.resource),
        ("Resource type", change.resource_type),
        ("Region", change.region),
    ):
        if value:
            rows.append((label, (code(value),)))
    rows += [("Who would notice", (plain(one_line(sentence)),)) for sentence in change.blast_radius]
    return (*rows, ("Verified", _verified(change, planned)))


def _verified(change: ChangeReport, planned: bool) -> Spans:
    if change.verified is None:
        return (plain("not applicable, nothing was changed" if planned else "not yet"),)
    answer: Spans = (bold("yes" if change.verified else "no"),)
    return (*answer, plain(": "), plain(one_line(change.observed))) if change.observed else answer


def change_line(change: ChangeReport) -> Spans:
    spans: list[Span] = [code(change.resource or "unknown resource"), plain(": "), plain(one_line(change.summary))]
    if change.verified is not None:
        spans += [plain(" "), bold("Verified" if change.verified else "Not verified")]
        spans += [plain(": "), plain(one_line(change.observed))] if change.observed else []
    spans += [plain(f" {one_line(sentence)}") for sentence in change.blast_radius]
    return tuple(spans)
