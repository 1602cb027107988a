"""Notes on the finding in Enterprise Security that was handed over: its ticket, and what became of a remediation.

For findings of Enterprise Security's queue only; others cost nothing. A note that cannot be written keeps no ticket and
no remediation from being done: it is a task of its own, tried again as others are.

Which finding that is, a field of the row says, which whoever writes the search may fill with any id; and the app writes
with system rights. So the owner must be allowed to write such a note himself, and a finding gets so many at most:

    responder_marks/es_note:<finding>:<number>    value: the task of the note
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..cases.keys import follow_up, lane_of
from ..cases.states import State
from ..cases.task import Attempt, Task
from ..documents import es_notes
from ..errors import Rejected
from ..findings.finding import Finding
from ..findings.notables import Notable, notables_of
from ..splunk.enterprise_security import EnterpriseSecurity
from ..splunk.users import may
from .base import Context, Kind, Result, request_text
from .reports import remediation_report
from .run_reports import remediations
from .subscription import remediation_to_report

FAMILY, TICKET, STATUS, REMEDIATION = "es", "es.ticket", "es.ticket_status", "es.remediation"
ASSIGNEE = "es.ticket_assignee"
#: What lets somebody comment on findings there; source: authorize.conf of SA-ThreatIntelligence.
CAPABILITY = "edit_notable_events"
#: Notes on one finding, of all runs and cases together: a ticket, some remediations and what became of them.
MOST = 20
MARKS = "responder_marks"
#: How long before its task a finding may have been made, where it has no times; and a little more than its times say.
LONG_AGO, A_LITTLE = 90 * 86_400.0, 3_600.0


def ticket_notes(context: Context, key: str, url: str) -> tuple[Task, ...]:
    """Tasks that note a ticket on the findings that this task's came from; each ticket once on each of them.

    And what became of remediations before: nobody there has heard of them.
    """
    own = context.task
    found = notables_of(own.finding)
    noted = (
        own.following(
            follow_up(own.case_id, FAMILY, TICKET, notable.id, key),
            TICKET,
            {"finding": notable.id, "ticket": key, "url": url},
            service({}, None),
        )
        for notable in found
    )
    return (*noted, *(_of_remediations(context, [own], remediations(context)) if found else ()))


def remediation_notes(context: Context, name: str) -> tuple[Task, ...]:
    """Tasks that note what became of a remediation on the findings that its ticket is noted on.

    As after a scheduled detection, which knows no finding: its remediation would be noted nowhere. ``name``: as
    ``Remediated.report_of``.
    """
    noted = (context.store.get(one.key) for one in context.others(FAMILY) if one.kind == TICKET)
    return tuple(_of_remediations(context, filter(None, noted), [name]))


def _of_remediations(context: Context, noted: Iterable[Task], names: Iterable[str]) -> Iterator[Task]:
    """A remediation that was asked for from a finding tells that one by itself (``KINDS``)."""
    handed_over = [(task, one) for task in noted for one in notables_of(task.finding)]
    for name in names if handed_over else ():
        about, _, rest = name.partition(":")
        status, _, ask = rest.partition(":")
        known, case = context.store.get(about), lane_of(about).case_id
        told = {one.id for one in notables_of(known.finding)} if known is not None else set()
        for task, notable in handed_over:
            if task.finding is None or task.finding.case_id != case or notable.id in told:
                continue
            request = {"finding": notable.id, "about": about, "status": status, "ask": ask}
            key = follow_up(task.case_id, FAMILY, REMEDIATION, notable.id, name)
            yield task.following(key, REMEDIATION, request, service({}, None))


def ticket(context: Context) -> Result:
    """Note a ticket on the finding that was handed over."""
    request = context.task.request
    key, url = request_text(request, "ticket"), request_text(request, "url")
    return _note(context, es_notes.ticket(key, url, context.case_id, context.task.key))


def status_notes(own: Task, key: str, status: str, is_closed: bool, since: float) -> tuple[Task, ...]:
    """Tasks that note on the findings that a ticket's task came from that it was closed, or opened again.

    ``since``: as of ``assignee_notes``.
    """
    about = {"ticket": key, "status": status, "is_closed": is_closed}
    return _notes_of_ticket(own, STATUS, about, key, status, f"{since:.3f}")


def assignee_notes(own: Task, key: str, assignee: str, since: float) -> tuple[Task, ...]:
    """Tasks that note there whose the ticket is (nobody's: empty). ``since``: when it was changed, by Jira's clock."""
    return _notes_of_ticket(own, ASSIGNEE, {"ticket": key, "assignee": assignee}, key, assignee, f"{since:.3f}")


def _notes_of_ticket(own: Task, kind: str, about: Mapping[str, Any], *names: str) -> tuple[Task, ...]:
    """``names``: what tells such a note from others of its kind."""
    return tuple(
        own.following(
            follow_up(own.case_id, FAMILY, kind, notable.id, *names),
            kind,
            {"finding": notable.id, **about},
            service({}, None),
        )
        for notable in notables_of(own.finding)
    )


def ticket_status(context: Context) -> Result:
    """Note that somebody has closed the ticket of the finding that was handed over, or opened it again."""
    request = context.task.request
    key, status, is_closed = request_text(request, "ticket"), request_text(request, "status"), request["is_closed"]
    return _note(context, es_notes.ticket_status(key, status, bool(is_closed), context.case_id, context.task.key))


def ticket_assignee(context: Context) -> Result:
    """Note whose the ticket of the finding that was handed over is."""
    request = context.task.request
    key, assignee = request_text(request, "ticket"), request_text(request, "assignee")
    return _note(context, es_notes.ticket_assignee(key, assignee, context.case_id, context.task.key))


def remediation(context: Context) -> Result:
    """Note on the finding that was handed over what became of a remediation."""
    _, outcome = remediation_to_report(context)
    if outcome is None:
        return Result("There is something newer to report.")
    report = remediation_report(outcome)
    return _note(context, es_notes.remediation(report, context.case_id, context.task.key))


def _note(context: Context, text: str) -> Result:
    notable = _notable(context)
    if not context.config.es_notes:
        return Result("Notes in Enterprise Security are switched off on the General tab.")
    there = EnterpriseSecurity.installed(context.splunkd)
    if there is None:
        return Result("Enterprise Security is not on this search head.")
    if there.lists_first(notable.time) and _is_there(context, there, notable, context.task.key):
        return _noted(context, notable)
    refusal = _refusal(context, notable)
    if refusal:
        return Result(refusal, state=State.REFUSED)
    context.send("note", where={"finding": notable.id})
    there.add_note(notable.id, notable.time, text, context.check_turn)
    return _noted(context, notable)


def _refusal(context: Context, notable: Notable) -> str:
    """Why the note is not written; empty where it may be."""
    owner = context.task.owner
    if not may(context.splunkd, owner, CAPABILITY):
        return (
            f"Not noted on finding {notable.id}: {owner or 'nobody'} has no capability {CAPABILITY}. "
            "Give whoever runs the action a role of Enterprise Security that has it."
        )
    if not _has_room(context, notable):
        return f"Not noted on finding {notable.id}: it has {MOST} notes of this app already."
    return ""


def _has_room(context: Context, notable: Notable) -> bool:
    """Claim a number among the notes of a finding; tried again, a task has the one that it has."""
    prefix = f"es_note:{hashlib.sha256(notable.id.encode()).hexdigest()[:24]}:"
    splunkd, own = context.splunkd, context.task.key
    # All that begin so: a semicolon comes behind the colon.
    taken = splunkd.find(MARKS, {"_key": {"$gte": prefix, "$lt": f"{prefix[:-1]};"}})
    if any(mark.get("value") == own for mark in taken):
        return True
    keys = {str(mark["_key"]) for mark in taken}
    free = [key for key in (f"{prefix}{number}" for number in range(MOST)) if key not in keys]
    return any(splunkd.insert(MARKS, {"_key": key, "value": own, "at": context.clock()}) for key in free)


def find(context: Context, attempt: Attempt) -> Result | None:
    """Look up a note that was sent without an answer."""
    notable = _notable(context)
    there = EnterpriseSecurity.installed(context.splunkd)
    if there is None or not _is_there(context, there, notable, attempt.task):
        return None
    return _noted(context, notable)


def _is_there(context: Context, there: EnterpriseSecurity, notable: Notable, marker: str) -> bool:
    began = context.finding.first_time or context.finding.last_time
    since = began - A_LITTLE if began else context.task.created_at - LONG_AGO
    # A finding may have the time of the run that made it, and ours is a little later than that.
    now = context.clock() + A_LITTLE
    return there.has_note(notable.id, notable.time, marker, since, now)


def _notable(context: Context) -> Notable:
    """Raises Rejected where the task's finding did not come from one."""
    named = request_text(context.task.request, "finding")
    found = [one for one in notables_of(context.task.finding) if named in ("", one.id)]
    if not found:
        raise Rejected("The finding of this task did not come from Enterprise Security.")
    return found[0]


def _noted(context: Context, notable: Notable) -> Result:
    context.audit("es_note_added", es_finding=notable.id)
    return Result(f"Noted on finding {notable.id}.")


def service(request: Mapping[str, Any], finding: Finding | None) -> str:
    """Enterprise Security of this search head, which has a share of its own."""
    return "splunk:enterprise_security"


def _came_from_es(finding: Finding | None) -> bool:
    return bool(notables_of(finding))


KINDS = (
    Kind(TICKET, FAMILY, ticket, find, service=service),
    Kind(STATUS, FAMILY, ticket_status, find, service=service),
    Kind(ASSIGNEE, FAMILY, ticket_assignee, find, service=service),
    # Each remediation is noted once on its finding, whatever runs hear of it, too.
    Kind(
        REMEDIATION, FAMILY, remediation, find, on_remediation=True, own_case_only=True, concerns=_came_from_es,
        service=service,
    ),
)
