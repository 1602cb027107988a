"""Notes on the finding in Enterprise Security that was handed over: its ticket, and what became of a remediation.

For findings of Enterprise Security's queue only; others cost nothing. A note that cannot be written keeps no ticket and
no remediation from being done: it is a task of its own, tried again as others are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cases.keys import follow_up
from ..cases.task import Attempt, Task
from ..documents import es_notes
from ..errors import Rejected
from ..findings.finding import Finding
from ..findings.notables import Notable, notables_of
from ..splunk.enterprise_security import EnterpriseSecurity
from .base import Context, Kind, Result, request_text
from .reports import remediation_report
from .subscription import remediation_to_report

FAMILY, TICKET, REMEDIATION = "es", "es.ticket", "es.remediation"
#: How long before its task a finding may have been made, where it has no times; and a little more than its times say.
LONG_AGO, A_LITTLE = 90 * 86_400.0, 3_600.0


def ticket_notes(context: Context, key: str, url: str) -> tuple[Task, ...]:
    """Tasks that note a ticket on the findings that this task's came from; each ticket once on each of them."""
    own = context.task
    return tuple(
        Task(
            key=follow_up(own.case_id, FAMILY, TICKET, notable.id, key),
            kind=TICKET,
            request={"finding": notable.id, "ticket": key, "url": url},
            service=service({}, None),
            finding=own.finding,
            alert=own.alert,
            owner=own.owner,
            run=own.run,
        )
        for notable in notables_of(own.finding)
    )


def ticket(context: Context) -> Result:
    """Note a ticket on the finding that was handed over."""
    request = context.task.request
    key, url = request_text(request, "ticket"), request_text(request, "url")
    return _note(context, es_notes.ticket(key, url, context.case_id, context.task.key))


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
    context.send("note", where={"finding": notable.id})
    there.add_note(notable.id, notable.time, text, context.check_turn)
    return _noted(context, notable)


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
    # Each remediation is noted once on its finding, whatever runs hear of it, too.
    Kind(
        REMEDIATION, FAMILY, remediation, find, on_remediation=True, own_case_only=True, concerns=_came_from_es,
        service=service,
    ),
)
