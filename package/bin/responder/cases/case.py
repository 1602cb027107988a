"""Cases: everything known about findings with the same dedup key, and how a finding becomes a task.

A case document is inserted once and never changed; what was done is read from the case's tasks.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ..errors import InvalidFinding, Unavailable
from ..findings.finding import Finding
from ..splunk.client import Document, Splunkd
from .audit import audit_event
from .tasks import DAMAGE, Task, TaskStore, occurrence

CASES = "responder_cases"
#: Seconds to wait after a lost race for a task key, until what the winner recorded can be read: in a search head
#: cluster writes go to the KV store captain, reads to a local copy that lags a little.
RACES = (0.0, 0.1, 0.3, 1.0, 3.0)


@dataclass(frozen=True)
class Alert:
    """The run of an alert that brought the findings."""

    search_name: str = ""
    sid: str = ""
    results_link: str = ""
    owner: str = ""


@dataclass(frozen=True)
class Case:
    id: str
    finding: Finding
    alert: Alert
    opened_at: float

    def to_document(self) -> Document:
        return {
            "_key": self.id,
            "dedup_key": self.finding.dedup_key,
            "signature_id": self.finding.signature_id,
            "signature": self.finding.signature,
            "severity": self.finding.severity,
            "finding": json.dumps(self.finding.to_dict()),
            "search_name": self.alert.search_name,
            "sid": self.alert.sid,
            "results_link": self.alert.results_link,
            "owner": self.alert.owner,
            "opened_at": self.opened_at,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Case:
        alert = Alert(*(str(document.get(name) or "") for name in ("search_name", "sid", "results_link", "owner")))
        finding = Finding.from_dict(json.loads(document["finding"]))
        return cls(str(document["_key"]), finding, alert, float(document.get("opened_at") or 0))


def fetch_case(splunkd: Splunkd, case_id: str) -> Optional[Case]:
    """A case, or None. Raises InvalidFinding when it cannot be read: owners of alerts may write the collection."""
    document = splunkd.fetch(CASES, case_id)
    try:
        return Case.from_document(document) if document else None
    except DAMAGE as error:
        raise InvalidFinding(
            f"Case {case_id} is damaged ({type(error).__name__}).", "See the document in the KV store."
        ) from error


@dataclass(frozen=True)
class Wish:
    """What an action wants done about a finding: one family of tasks, the first and the later ones."""

    #: Part of the task key: tasks of one case and family are about disjoint sets of events.
    family: str
    #: Kind of the first task of the family, and of those about events that came later.
    first: str
    again: str
    request: Mapping[str, Any] = field(default_factory=dict)


def record(
    splunkd: Splunkd, store: TaskStore, finding: Finding, wish: Wish, alert: Alert, now: float
) -> Tuple[List[str], bool]:
    """Open or join the finding's case and record what is to be done. Safe to repeat after a kill at any point.

    Returns the keys of tasks to run (new, or recorded before and not finished) and whether anything new was recorded.
    """
    case = Case(finding.case_id, finding, alert, now)
    opened = splunkd.insert(CASES, case.to_document())
    siblings = [] if opened else _siblings(store, case.id, wish.family)
    for pause in RACES:
        task = _next_task(case, siblings, wish, now)
        if task is None:
            return [sibling.key for sibling in siblings if not sibling.final], False
        if opened:
            task.trail.insert(0, audit_event("case_opened", case, task, now, status="success"))
        if store.record(task):
            return [task.key], True
        # Somebody recorded it in this very moment; what they recorded decides what is left for us.
        time.sleep(pause)
        siblings = _siblings(store, case.id, wish.family)
    raise Unavailable(f"Case {case.id} is being written by too many at once.", "The next run of the alert joins it.")


def _siblings(store: TaskStore, case_id: str, family: str) -> List[Task]:
    prefix = f"{case_id}.{family}"
    return [t for t in store.of_case(case_id, "event_ids") if t.key == prefix or t.key.startswith(prefix + ".")]


def _next_task(case: Case, siblings: Sequence[Task], wish: Wish, now: float) -> Optional[Task]:
    seen = {event for sibling in siblings for event in sibling.event_ids}
    fresh = [event for event in event_names(case.finding) if event not in seen]
    if not fresh:
        return None
    first = not siblings
    key = f"{case.id}.{wish.family}" if first else f"{case.id}.{wish.family}.{occurrence(fresh)}"
    request: Dict[str, Any] = dict(wish.request)
    if not first:
        # The case holds the first finding; a later one travels with its task.
        request["finding"] = case.finding.to_dict()
    request["alert"] = {"search_name": case.alert.search_name, "results_link": case.alert.results_link}
    task = Task(
        key=key,
        case_id=case.id,
        kind=wish.first if first else wish.again,
        request=request,
        event_ids=tuple(fresh),
        owner=case.alert.owner,
        run=case.alert.sid,
        created_at=now,
    )
    # A moment later, so that it sorts behind the opening of its case.
    task.trail.append(audit_event("task_recorded", case, task, now + 0.001, status="success"))
    return task


def event_names(finding: Finding) -> Tuple[str, ...]:
    """What tells one occurrence of a finding from the next: its event ids, or its times where it has none."""
    if finding.event_ids:
        return finding.event_ids
    return (f"{finding.first_time:.0f}-{finding.last_time:.0f}-{finding.event_count}",)
