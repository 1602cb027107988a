"""``/responder``: the verbs as they are typed in Slack, by people who may answer there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..cases import excuses
from ..cases.keys import TaskKey
from ..cases.snapshot import CaseReader
from ..cases.task import TASKS
from ..documents.excuses import excused_until
from ..errors import NotFound, Rejected, one_line
from ..remediation.verdicts import APPROVE, REJECT
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from ..splunk.queries import any_of
from . import answering, told_cases, which_plan
from .answering import Answerer
from .case_state import tasks_of
from .excusing import default_days, excuse
from .excusing_all import excuse_all
from .services import Services
from .undoing import RUN, undo
from .waiting_list import KINDS, summary_of, until_when, waiting

HELP = (
    "/responder status - what waits for an approval\n"
    "/responder case CASE - how a case stands\n"
    "/responder approve CASE PLAN - approve this plan; without a plan, list those that wait\n"
    "/responder reject CASE [PLAN] - reject this plan, or all that wait\n"
    "/responder undo TASK - undo a remediation\n"
    "/responder excuse CASE [DAYS] REASON - neither report nor remediate a case for DAYS (default: 30); 0 lifts the "
    "excuse\n"
    "/responder excuse all CASE DAYS REASON - the same for each case that the thread of this one had told of"
)
#: What is shown of what waits, and of the remediations of a case.
MOST = 10
#: In place of a case.
ALL = "all"
#: As in a ticket, too, where people write ``30d``.
_DAYS = re.compile(r"([0-9]{1,4})d?", re.IGNORECASE)


def run(splunkd: Splunkd, services: Services, text: str, who: Answerer, workspace: str = "") -> str:
    """Lines for the person. Raises a ResponderError with what is wrong.

    ``workspace``: name of the entry on the Slack tab by which it came; any where it is empty.
    """
    verb, *rest = text.split() or ["help"]
    verb, named = verb.lower(), [*rest, "", ""]
    if verb == "status" and not rest:
        return _status(splunkd)
    if verb == "case" and len(rest) == 1:
        return _case(splunkd, _case_id(named[0]))
    if verb in (APPROVE, REJECT) and len(rest) in (1, 2):
        return _decided(splunkd, services, verb, _case_id(named[0]), named[1].lower(), who)
    if verb == "undo" and len(rest) == 1:
        reports = undo(splunkd, services, str(TaskKey.parse(named[0])), who)
        return " ".join(report.message for report in reports)
    if verb == "excuse" and named[0].lower() == ALL and len(rest) >= 4:
        days = _DAYS.fullmatch(rest[2])
        if not days:
            return HELP
        told_at = _told_at(splunkd, _case_id(rest[1]), workspace)
        return _all_excused(splunkd, services, told_at, int(days[1]), rest[3:], who)
    if verb == "excuse" and len(rest) >= 2 and named[0].lower() != ALL:
        return _excuse(splunkd, services, _case_id(rest[0]), rest[1:], who)
    return HELP


def _decided(splunkd: Splunkd, services: Services, verb: str, case: str, plan: str, who: Answerer) -> str:
    """Approve the plan that is named, or reject it; without one, reject all that waits, and list what can be approved.

    Raises NotFound where nothing waits.
    """
    rows, _ = waiting(splunkd, case)
    found = which_plan.meant(rows, plan)
    if not found and (plan or verb == REJECT) and _was_given(splunkd, case, verb, plan, who):
        return "It was noted."
    if not rows:
        raise NotFound("Nothing of this case waits for an approval.", "Type /responder status to see what waits.")
    if not found:
        return _which(rows, case, "That plan does not wait in this case: it was answered, or it has changed.")
    if verb == REJECT:
        return which_plan.rejected(splunkd, services, found, who).said().message
    if not plan:
        return _which(found, case, "No plan is named, so nothing was approved. Approve what you have read:")
    return which_plan.approved(splunkd, services, found, who).said().message


def _which(rows: Sequence[dict[str, Any]], case: str, lead: str) -> str:
    return "\n".join([lead, *which_plan.listed(rows, lambda plan: f"/responder approve {case} {plan}")])


def _was_given(splunkd: Splunkd, case: str, verb: str, plan: str, who: Answerer) -> bool:
    queries = any_of("kind", KINDS, case_id=case) if who.since else ()
    tasks = [str(one["_key"]) for query in queries for one in splunkd.find(TASKS, query, fields="_key")]
    return answering.was_given(splunkd, tasks, who, verb, plan)


def _excuse(splunkd: Splunkd, services: Services, case: str, said: Sequence[str], who: Answerer) -> str:
    """Raises Rejected where there is no reason."""
    named = _DAYS.fullmatch(said[0])
    days = int(named[1]) if named else default_days(Configuration(splunkd).safety)
    return excuse(splunkd, services, case, days, " ".join(said[1:] if named else said), who).message


def _told_at(splunkd: Splunkd, case: str, workspace: str) -> Mapping[str, float]:
    """What the thread of a case has told of, in the workspace of whoever has read it. Raises NotFound."""
    reader = CaseReader(splunkd)
    told_at = told_cases.told_at(case, tasks_of(reader, reader.read(case)), workspace)
    if not told_at:
        raise NotFound(f"No thread has told of case {case}.", "Name the case that the thread began with.")
    return told_at


def _all_excused(
    splunkd: Splunkd, services: Services, told_at: Mapping[str, float], days: int, said: Sequence[str], who: Answerer
) -> str:
    """Those that had been told of when it was typed: what came since, nobody has read yet."""
    found = excuse_all(splunkd, services, told_at, who.since or splunkd.now(), days, " ".join(said), who)
    more = [f"{found.left} more are left: type the same again."] if found.left else []
    newer = told_cases.documents(splunkd, found.newer[:MOST])
    since = ["Reported since, and not excused:", *map(_named, newer)] if found.newer else []
    return "\n".join([found.sentence, *found.refused, *more, *since])


def _case_id(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{20}", text):
        raise Rejected("That is not the ID of a case.", "Type /responder status to see those that wait.")
    return text


def _status(splunkd: Splunkd) -> str:
    rows, more = waiting(splunkd)
    if not rows:
        return "Nothing waits for an approval."
    left = len(rows) + more - min(len(rows), MOST)
    return "\n".join([*map(_waiting, rows[:MOST]), *([f"And {left} more."] if left else [])])


def _waiting(row: dict[str, Any]) -> str:
    plan = f"Case {row['case']}, plan {row.get('plan') or 'none'}"
    return f"{plan}{until_when(row)}: {row.get('severity')} - {summary_of(row)}"


def _case(splunkd: Splunkd, case: str) -> str:
    found = next(iter(told_cases.documents(splunkd, [case])), None)
    if found is None:
        raise NotFound(f"No case {case} is recorded.", "Take the ID from the ticket or from the audit events.")
    rows, _ = waiting(splunkd, case)
    lines = [_named(found), *map(_waiting, rows), *_excused(splunkd, case), *_remediations(splunkd, case)]
    reader = CaseReader(splunkd)
    others = told_cases.told_by(case, tasks_of(reader, reader.read(case)))
    shown = told_cases.documents(splunkd, others[:MOST])
    more = [f"And {len(others) - MOST} more, in Splunk."] if len(others) > MOST else []
    return "\n".join([*lines, *(["Its ticket and thread also report:"] if others else []), *map(_named, shown), *more])


def _named(case: dict[str, Any]) -> str:
    said = f"Case {case['_key']}: {case.get('severity')} - {case.get('signature')}"
    return one_line(f"{said} on {case['resource']}" if case.get("resource") else said)


def _excused(splunkd: Splunkd, case: str) -> Sequence[str]:
    longest, now = Configuration(splunkd).safety.longest_excuse_days, splunkd.now()
    standing = excuses.in_force(splunkd, now, longest, case)
    return [excused_until(one.ends_at(longest), one.by, one.reason) for one in standing]


def _remediations(splunkd: Splunkd, case: str) -> Sequence[str]:
    query = {"case_id": case, "kind": RUN}
    tasks = splunkd.find(TASKS, query, sort="created_at", limit=MOST, fields="_key,state,message")
    return [f"Remediation {task['_key']} ({task['state']}): {task.get('message') or ''}" for task in tasks]
