"""Files for whoever works on a ticket: the finding with its CloudTrail records, and each plan and evidence, as JSON.

They are attached by the worker, once each. A site that takes no files is asked once for each of them, and the ticket is
none the worse: nothing waits for a person because of that.

Records are read with the system's rights. So they are attached only where the system itself has found it, or somebody
who administers the app: nobody gets to read by a ticket what he may not search for.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from ..cases.keys import follow_up, lane_of
from ..cases.looked_up import LookedUp
from ..cases.outcomes import Remediated, TicketCommented, TicketOpened
from ..cases.task import Attempt, Task
from ..errors import ConfigurationError, Curable, Forbidden, ResponderError
from ..findings.finding import Finding
from ..findings.raw_records import raw_records
from ..settings.ticket_files import attaches
from ..splunk.client import Splunkd
from ..splunk.users import may
from . import attaching
from .attaching import File
from .base import Context, Kind, Result, request_text
from .jira_service import service
from .registry import service_of
from .ticket_state import SETTLES, opened_as

log = logging.getLogger("cloudtrail_responder")

RECORDS, EVIDENCE = "ticket.records", "ticket.evidence"
JSON = "application/json"
#: Bytes of a file: what is more is left out, and the file says so.
MAX_BYTES = 2_000_000
ADMIN = "cloudtrail_responder_admin"
#: Events of a finding whose records are looked for when its ticket is opened, and seconds that the search may take.
SHOWN_OF, SHOWN_WITHIN = 2, 5
#: Seconds for which it is known what the owner of an alert may see.
KNOWN = 15.0
_RECORDS, _EVIDENCE = "The finding and its records", "The changes"
#: Statuses of which the changes are a plan.
_PLANS = ("simulated", "waiting")
_MADE = ("done", "undone", "failed")


def of_finding(context: Context, ticket: TicketOpened) -> tuple[Task, ...]:
    """The task that attaches the finding of a ticket that was opened just now (it is not in the lane yet)."""
    own = context.task
    if not context.finding.event_ids or not _is_wanted(context, context.finding):
        return ()
    request = {"about": own.key, "jira_site": ticket.site}
    return (_later(context, RECORDS, request, own.key, ticket.key),)


def of_remediation(
    context: Context, ticket: TicketOpened | TicketCommented, name: str, outcome: Remediated
) -> tuple[Task, ...]:
    """The task that attaches the changes of a remediation as they stand; nothing where there are none."""
    opened, own_finding = opened_as(context, ticket), context.task.finding
    if opened is None or not outcome.changes or outcome.status not in (*_PLANS, *_MADE):
        return ()
    if own_finding is None or not _is_wanted(context, own_finding):
        return ()
    request = {"ticket": opened.key, "about": name, "jira_site": ticket.site}
    return (_later(context, EVIDENCE, request, opened.key, name),)


def _is_wanted(context: Context, finding: Finding) -> bool:
    """Asked right after a ticket was opened, where nothing may fail any more."""
    try:
        return attaches(context.config.stanza("general"), finding.severity)
    except ConfigurationError as error:
        log.error("case=%s gets no files: %s", context.case_id, error)
        return False


def _later(context: Context, kind: str, request: Mapping[str, Any], *about: str) -> Task:
    own = context.task
    key = follow_up(own.case_id, "ticket", kind, *about)
    due, message = context.clock() + SETTLES, "A file is attached to the ticket."
    return own.following_at(due, key, kind, request, service_of(kind, request, own.finding), message)


def records(context: Context) -> Result:
    """Attach a ticket's finding, with its records where its owner may have them."""
    opened = context.store.get(request_text(context.task.request, "about"))
    ticket = opened.outcome if opened is not None else None
    if opened is None or opened.finding is None or not isinstance(ticket, TicketOpened):
        return Result("There is no such ticket any more.")
    found: Sequence[Mapping[str, Any]] = ()
    if _may_have_records(context, opened.owner):
        found = raw_records(context.splunkd, opened.finding, context.clock())
    content = _fitting({"case": context.case_id, "finding": {**opened.finding.to_dict(), "rows": []}}, "records", found)
    name = attaching.name_of(context.task, "records", "json")
    return _attached(context, ticket, File(name, content, JSON, _RECORDS))


def shown_records(context: Context) -> Sequence[Mapping[str, Any]]:
    """The first records of a finding, of which its ticket shows something; none where it gets no file with them.

    A ticket does not wait for them long, and what cannot be read keeps nobody from it.
    """
    finding = context.finding
    if not finding.event_ids or not _is_wanted(context, finding):
        return ()
    try:
        if not _may_have_records(context, context.task.owner):
            return ()
        return raw_records(context.splunkd, finding, context.clock(), most=SHOWN_OF, longest=SHOWN_WITHIN)
    except ResponderError as error:
        log.warning("task=%s: its ticket shows no record: %s", context.task.key, error)
        return ()


def _may_have_records(context: Context, owner: str) -> bool:
    """Asked for once in ``KNOWN`` seconds, and not for each of a thousand tickets."""
    return _may_have.of(context.splunkd, (owner,))[owner]


def _ask(splunkd: Splunkd, owners: Sequence[str]) -> Mapping[str, bool]:
    return {owner: may(splunkd, owner, ADMIN) for owner in owners}


#: Whether the owner of an alert may read any record. The same for those that ask at the same moment.
_may_have: LookedUp[str, bool] = LookedUp(_ask, KNOWN)


def evidence(context: Context) -> Result:
    """Attach the changes of a remediation, unless it has moved on: then those are attached that stand now."""
    opened = context.store.get(request_text(context.task.request, "ticket"))
    ticket = opened.outcome if opened is not None else None
    name = request_text(context.task.request, "about")
    key = name.partition(":")[0]
    known = {task.key: task for task in context.others(lane_of(key).family)}
    about = known.get(key) or context.store.get(key)
    outcome = about.outcome if about is not None else None
    if not isinstance(ticket, TicketOpened) or not isinstance(outcome, Remediated):
        return Result("There is no such ticket or remediation any more.")
    if outcome.report_of(key) != name:
        return Result("The remediation has moved on.")
    said = {
        "case": context.case_id,
        "task": key,
        "playbook": outcome.playbook,
        "mode": outcome.mode,
        "status": outcome.status,
        "message": outcome.message,
        "finished_at": outcome.finished_at,
        "plan": outcome.plan_digest,
    }
    kind = "plan" if outcome.status in _PLANS else "evidence"
    content = _fitting(said, "changes", outcome.changes)
    return _attached(context, ticket, File(attaching.name_of(context.task, kind, "json"), content, JSON, _EVIDENCE))


def _attached(context: Context, ticket: TicketOpened, file: File) -> Result:
    try:
        return attaching.attach(context, ticket, file, _audit(context))
    except (Curable, Forbidden) as refused:
        return Result(f"{file.what} are not attached: {refused.message}")


def _fitting(said: Mapping[str, Any], name: str, listed: Sequence[Mapping[str, Any]]) -> bytes:
    """JSON with as many of a list as fit; ``left_out`` says how many do not."""
    kept, room = [], MAX_BYTES - len(_json({**said, name: [], "left_out": len(listed)}))
    for one in listed:
        # With the spaces that each of its lines has in its place.
        room -= len(_json({name: [one]}))
        if room < 0:
            break
        kept.append(one)
    left_out = {"left_out": len(listed) - len(kept)} if len(kept) < len(listed) else {}
    return _json({**said, name: kept, **left_out})


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True, default=str).encode()


def find(context: Context, attempt: Attempt) -> Result | None:
    """Look up a file that was sent without an answer."""
    return attaching.find(context, attempt, _RECORDS if context.task.kind == RECORDS else _EVIDENCE, _audit(context))


def _audit(context: Context) -> attaching.Audit:
    return lambda key: context.audit("file_attached", ticket=key)


KINDS = (
    Kind(RECORDS, "ticket", records, find, service=service, can_wait=True),
    Kind(EVIDENCE, "ticket", evidence, find, service=service, can_wait=True),
)
