"""The same finding again: told at most once a case in the throttle period, and then of all that came in it.

What comes within the period waits as a pending task; the one that is tried first after it tells of all that wait.
Nothing is dropped, as Splunk's own throttle would. A graver finding is told at once.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any, Dict, Iterable, List, Sequence, Tuple

from ..cases.tasks import Task
from ..errors import InvalidFinding, Rejected, Throttled, Waiting
from ..findings.finding import SEVERITIES, Finding
from .base import Context

#: How many different users, addresses and so on are named when occurrences differ.
MAX_NAMED = 5


@dataclass(frozen=True)
class Telling:
    """What a task tells of: itself and the occurrences that waited with it."""

    finding: Finding
    event_ids: Tuple[str, ...]
    #: Keys of the other tasks it tells of.
    others: Tuple[str, ...] = ()


def told(context: Context, finding: Finding) -> Dict[str, Any]:
    """What a task writes in its outcome when it has told of a finding."""
    return {"told_at": context.clock(), "severity": finding.severity}


def told_already(context: Context, family: str) -> bool:
    """Whether another task has told of this one. Raises Waiting while one is about to."""
    others = [t for t in context.siblings(family) if context.task.key in t.outcome.get("tells", ())]
    if any(other.state == "done" for other in others):
        return True
    if any(other.state == "pending" for other in others):
        raise Waiting("Another task of the case tells of it.", "It is closed with that one.")
    return False


def telling(context: Context, family: str) -> Telling:
    """What to tell now. Raises Throttled within the period, Waiting while another task of the family tells.

    Call it before the first effect: what is told of together is written down here, so that an attempt after a crash
    tells of the same.
    """
    task, finding = context.task, context.finding
    if not finding.throttle_seconds:
        return Telling(finding, task.event_ids)
    siblings = [t for t in context.siblings(family) if t.key != task.key]
    if "tells" not in task.outcome:
        tellers = [sibling for sibling in siblings if "told_at" in sibling.outcome and sibling.state == "done"]
        _check_period(context, tellers)
        _take_turn(context, family, len(tellers))
        waiting = [t.key for t in siblings if t.state == "pending" and t.kind == task.kind and not t.outcome]
        task.outcome = {"tells": [t.key for t, _ in _read(context, waiting)]}
        context.store.save(task)
    return _together([(task, finding), *_read(context, task.outcome["tells"])])


def _check_period(context: Context, tellers: Sequence[Task]) -> None:
    last = max((float(t.outcome["told_at"]) for t in tellers), default=0.0)
    gravest = max((_rank(str(t.outcome.get("severity"))) for t in tellers), default=len(SEVERITIES))
    left = last + context.finding.throttle_seconds - context.clock()
    if left > 0 and _rank(context.finding.severity) <= gravest:
        raise Throttled("The case was told of a short while ago.", "This occurrence is told of later.", left)


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0


def _take_turn(context: Context, family: str, turn: int) -> None:
    """Raises Waiting where another task has taken this turn and has not failed."""
    for number in itertools.count(1):
        holder = context.store.first(f"{context.case.id}.turn:{family}:{turn}:{number}", context.task.key)
        if holder == context.task.key:
            return
        other = context.store.get(holder) if holder else None
        if other is None or not other.final or other.state == "done":
            raise Waiting("Another task of the case tells of what came again.", "What is left is told of after it.")


def _read(context: Context, keys: Iterable[str]) -> List[Tuple[Task, Finding]]:
    """Tasks and what they are about. A damaged one is left out: it is closed when its own turn comes."""
    found = []
    for key in keys:
        try:
            task = context.store.get(key)
            if task is not None:
                found.append((task, Finding.from_dict(task.request.get("finding") or context.case.finding.to_dict())))
        except (Rejected, InvalidFinding):
            continue
    return found


def _together(told_of: Sequence[Tuple[Task, Finding]]) -> Telling:
    in_order = sorted(told_of, key=lambda pair: (pair[1].first_time, pair[0].created_at))
    findings = [finding for _, finding in in_order]
    events = dict.fromkeys(event for task, _ in in_order for event in task.event_ids)
    merged = replace(
        findings[-1],
        first_time=findings[0].first_time,
        event_count=sum(finding.event_count for finding in findings),
        user=_all(finding.user for finding in findings),
        user_arn=_all(finding.user_arn for finding in findings),
        access_key_id=_all(finding.access_key_id for finding in findings),
        src_ip=_all(finding.src_ip for finding in findings),
    )
    return Telling(merged, tuple(events), tuple(task.key for task, _ in told_of[1:]))


def _all(values: Iterable[str]) -> str:
    different = list(dict.fromkeys(value for value in values if value))
    rest = len(different) - MAX_NAMED
    return ", ".join(different[:MAX_NAMED]) + (f" and {rest} more" if rest > 0 else "")
