"""``/responder``: the verbs as they are typed in Slack, by people who may answer there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..cases import excuses
from ..cases.keys import TaskKey
from ..cases.store import CASES
from ..cases.task import TASKS
from ..documents.excuses import excused_until
from ..errors import NotFound, Rejected
from ..remediation.verdicts import APPROVE, REJECT
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from . import answer_carrying, answering
from .answering import Answerer
from .excusing import default_days, excuse
from .services import Services
from .undoing import RUN, undo
from .waiting_list import summary_of, the_one_that_waits, until_when, waiting

HELP = (
    "/responder status - what waits for an approval\n"
    "/responder case CASE - how a case stands\n"
    "/responder approve CASE PLAN - approve this plan\n"
    "/responder reject CASE - reject what waits\n"
    "/responder undo TASK - undo a remediation\n"
    "/responder excuse CASE [DAYS] REASON - neither report nor remediate a case for DAYS (default: 30); 0 lifts the "
    "excuse"
)
#: What is shown of what waits, and of the remediations of a case.
MOST = 10


def run(splunkd: Splunkd, services: Services, text: str, who: Answerer) -> str:
    """Lines for the person. Raises a ResponderError with what is wrong."""
    verb, *rest = text.split() or ["help"]
    verb, named = verb.lower(), [*rest, "", ""]
    if verb == "status" and not rest:
        return _status(splunkd)
    if verb == "case" and len(rest) == 1:
        return _case(splunkd, _case_id(named[0]))
    if verb in (APPROVE, REJECT) and len(rest) in (1, 2):
        key = the_one_that_waits(splunkd, _case_id(named[0]))
        if verb == APPROVE and not named[1]:
            raise Rejected("No plan is named.", "Type /responder case CASE to see it: approve what you have read.")
        found = answering.answer(splunkd, services, key, verb, named[1][:100], who)
        return answer_carrying.decided(found, verb).message
    if verb == "undo" and len(rest) == 1:
        reports = undo(splunkd, services, str(TaskKey.parse(named[0])), who)
        return " ".join(report.message for report in reports)
    if verb == "excuse" and len(rest) >= 2:
        return _excuse(splunkd, services, _case_id(rest[0]), rest[1:], who)
    return HELP


def _excuse(splunkd: Splunkd, services: Services, case: str, said: Sequence[str], who: Answerer) -> str:
    """Raises Rejected where there is no reason."""
    has_days = re.fullmatch(r"[0-9]{1,4}", said[0]) is not None
    days = int(said[0]) if has_days else default_days(Configuration(splunkd).safety)
    return excuse(splunkd, services, case, days, " ".join(said[has_days:]), who).message


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
    found = splunkd.fetch(CASES, case)
    if found is None:
        raise NotFound(f"No case {case} is recorded.", "Take the ID from the ticket or from the audit events.")
    rows, _ = waiting(splunkd, case)
    lines = [f"Case {case}: {found.get('severity')} - {found.get('signature')}", *map(_waiting, rows)]
    return "\n".join([*lines, *_excused(splunkd, case), *_remediations(splunkd, case)])


def _excused(splunkd: Splunkd, case: str) -> Sequence[str]:
    longest, now = Configuration(splunkd).safety.longest_excuse_days, splunkd.now()
    standing = excuses.in_force(splunkd, now, longest, case)
    return [excused_until(one.ends_at(longest), one.by, one.reason) for one in standing]


def _remediations(splunkd: Splunkd, case: str) -> Sequence[str]:
    query = {"case_id": case, "kind": RUN}
    tasks = splunkd.find(TASKS, query, sort="created_at", limit=MOST, fields="_key,state,message")
    return [f"Remediation {task['_key']} ({task['state']}): {task.get('message') or ''}" for task in tasks]
