"""What a note on a finding of Enterprise Security says: one line of plain text, since it is shown as HTML or markup.

Messages name resources and users, whose names are chosen by others: nothing in them may look like markup or be a link.
"""

from __future__ import annotations

from .document import one_line, shorten
from .remediations import title
from .reports import RemediationReport

#: Characters of a message in a note.
MAX_MESSAGE = 600
#: Letters that mean something to HTML, Markdown and tokens, by others that look like them.
_HARMLESS = str.maketrans({"<": "‹", ">": "›", "[": "(", "]": ")", "`": "'", '"': "'", "$": "＄", "&": "＆", "|": "¦"})


def ticket(key: str, url: str, case_id: str, marker: str) -> str:
    """The ticket of the finding's case, and where it is; its address is the site's and ours."""
    where = f": {url}" if url else ""
    return f"CloudTrail Responder: Jira ticket {harmless(key)}{where} (case {case_id}, ref {marker})"


def ticket_status(key: str, status: str, is_closed: bool, case_id: str, marker: str) -> str:
    """Somebody has closed the ticket, or opened it again."""
    what = f"{'closed' if is_closed else 'open again'} ({harmless(status)})"
    return f"CloudTrail Responder: Jira ticket {harmless(key)} is {what} (case {case_id}, ref {marker})"


def ticket_assignee(key: str, assignee: str, case_id: str, marker: str) -> str:
    """Whose the ticket is now; ``assignee`` is empty where it is nobody's."""
    whose = f"assigned to {harmless(assignee)}" if assignee else "assigned to nobody"
    return f"CloudTrail Responder: Jira ticket {harmless(key)} is {whose} (case {case_id}, ref {marker})"


def remediation(report: RemediationReport, case_id: str, marker: str) -> str:
    """How a remediation of the finding ended."""
    message = f" {harmless(report.message)}" if report.message else ""
    return (
        f"CloudTrail Responder: {harmless(report.playbook)}, mode {harmless(report.mode)}. {title(report)}.{message} "
        f"(case {case_id}, ref {marker})"
    )


def harmless(text: str) -> str:
    plain = one_line(text).translate(_HARMLESS).replace("://", ": //")
    return shorten(plain, MAX_MESSAGE)
