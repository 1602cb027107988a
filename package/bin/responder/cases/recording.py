"""How findings become tasks. Safe to repeat after a stop at any point: the keys are derived."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Callable

from ..errors import Rejected, Unavailable
from ..findings.finding import SEVERITIES, Finding, severity_rank
from ..findings.notables import notables_of
from ..splunk.client import Splunkd
from .audit import audit_event
from .keys import event_of, finding_task, lane_of
from .known_cases import KnownCases
from .snapshot import CaseReader, CaseSnapshot, LaneState
from .store import TaskStore
from .task import Alert, Task, event_names
from .turns import overlay

#: So many tasks are inserted one by one, which says exactly which of them are new.
FEW = 2
#: Seconds after which a case is read again before tasks are written on the strength of it.
STALE = 30.0
#: Characters of names that a case goes by where one ticket tells of several.
LONGEST_NAME = 200


@dataclass(frozen=True)
class TaskRequest:
    """What an alert action asks for about a finding."""

    family: str
    kind: str
    #: How: the parameters of the alert, checked.
    request: Mapping[str, Any] = field(default_factory=dict)
    #: Which service the task will need; not part of what is asked for.
    service: str = ""
    #: Case that hears of it besides its own; not part of what is asked for either.
    reports_to: str = ""
    #: Whether the case of another finding may tell of it (docs/incidents.md); not part of what is asked for either.
    gathers: bool = False
    #: Case that tells of it (docs/incidents.md); empty for the finding's own, of which nothing else is told.
    parent: str = ""


@dataclass(frozen=True)
class Recorded:
    key: str
    is_new: bool


class Recorder:
    """Records the findings of one run of an alert.

    A task's key says what it is about and how it was asked for. So the same finding asked for in the same way is one
    task, however often and wherever it is recorded; asked for in another way it is a new one, which is how a corrected
    parameter takes effect. Which events people still have to be notified of is decided when the task runs.
    """

    def __init__(
        self,
        splunkd: Splunkd,
        alert: Alert,
        owner: str,
        run: str,
        known: KnownCases | None = None,
        follows: Callable[[Task, Task], Sequence[Task]] = lambda asked, known: (),
    ) -> None:
        """``follows``: what is to be recorded because a task that is asked for is known already, given both."""
        self._splunkd = splunkd
        self._follows = follows
        self._known = known or KnownCases()
        self._store = TaskStore(splunkd)
        self._reader = CaseReader(splunkd)
        self._alert, self.owner, self._run = alert, owner, run
        #: How the cases stand with what was recorded, by id: for whoever runs the tasks next.
        self.cases: dict[str, CaseSnapshot] = {}

    def record(self, finding: Finding, wanted: TaskRequest) -> tuple[str, bool]:
        """Key of the task, and whether it is new. Raises Rejected or Unavailable when splunkd does not take it."""
        (one,) = self.record_many([(finding, wanted)])
        if isinstance(one, Rejected):
            raise one
        return one.key, one.is_new

    def record_many(
        self,
        wanted: Sequence[tuple[Finding, TaskRequest]],
        rids: Sequence[str] = (),
        owed: Callable[[str], str] = lambda task: "",
    ) -> list[Recorded | Rejected]:
        """What became of each, in order. Raises Unavailable when splunkd cannot take them now: some may be recorded.

        ``rids``: how Splunk names the row of each, where the action says it. ``owed``: what a new task keeps, by key.
        """
        named = itertools.chain(rids, itertools.repeat(""))
        tasks = [self._task(finding, request, rid) for (finding, request), rid in zip(wanted, named)]
        distinct = list({task.key: task for task in tasks}.values())
        self._read(distinct)
        known = {key for case in self.cases.values() for key in case.keys}
        missing = [task for task in distinct if task.key not in known]
        for task in missing:
            task.owed = owed(task.key)
        # First what follows from those that are there: a process that dies in between has recorded nothing by halves.
        self._record_what_follows(task for task in distinct if task.key in known)
        # Whoever dies in between leaves a case without tasks, and none that nobody finds.
        opened = [task for task in missing if self.cases[task.case_id].is_empty]
        if opened:
            self._store.open_cases(opened)
        self._raise_cases(missing)
        new, refused = self._write(missing)
        self._record_what_follows(task for task in missing if task.key not in new and task.key not in refused)
        by_case: dict[str, list[Task]] = {}
        for task in missing:
            if task.key in new:
                by_case.setdefault(task.case_id, []).append(task)
        for case_id, recorded in by_case.items():
            self.cases[case_id] = self.cases[case_id].with_tasks(recorded)
        found: list[Recorded | Rejected] = []
        for task in tasks:
            found.append(refused.get(task.key) or Recorded(task.key, task.key in new))
            # A second row with the same key is not new any more.
            new.discard(task.key)
        return found

    def stay_in_own_case(self, wanted: Sequence[tuple[Finding, TaskRequest]]) -> list[bool]:
        """Whether each goes on in the finding's own case, whatever its ``parent`` is. Raises Unavailable.

        What is recorded in either of the two stays there; else it goes on where its case has been told of by itself.
        """
        tasks = [self._task(finding, replace(request, parent="")) for finding, request in wanted]
        theirs = [self._task(finding, request) for finding, request in wanted]
        self._read([*tasks, *theirs])
        known = {key for case in self.cases.values() for key in case.keys}
        return [
            task.key in known or (their.key not in known and self._has_told_by_itself(task))
            for task, their in zip(tasks, theirs)
        ]

    def are_excused(self, found: Sequence[Finding], longest_days: int) -> list[bool]:
        """Whether the case of each is excused. Raises Unavailable."""
        missing = [finding.case_id for finding in found if finding.case_id not in self.cases]
        self.cases.update(self._reader.read_many(missing) if missing else {})
        now = self._splunkd.now()
        excuses = [self._reader.excuse(self.cases[finding.case_id]) for finding in found]
        return [
            excuse is not None and excuse.covers(finding, self.owner, now, longest_days)
            for excuse, finding in zip(excuses, found)
        ]

    def _has_told_by_itself(self, like: Task) -> bool:
        """Whether the lane of a task has another one that tells the same people of the lane's own case."""
        case = like.case_id
        found = self._reader.lane(self.cases[case], like.lane).tasks
        same = (task for task in found if task.kind == like.kind and task.owner == like.owner)
        return any(task.subject.get("case", case) == case for task in same)

    def _raise_cases(self, missing: Sequence[Task]) -> None:
        """Of tasks that tell of another case in a case: where it is graver than all that was told there."""
        ranks: dict[str, int] = {}
        for task in missing:
            if task.about_case != task.case_id and task.finding is not None:
                ranks[task.case_id] = max(ranks.get(task.case_id, 0), severity_rank(task.finding.severity))
        for case_id, rank in ranks.items():
            told = (task for lane in self.cases[case_id].lanes.values() for task in lane.tasks)
            if all(severity_rank(task.subject.get("severity", "")) < rank for task in told):
                self._store.raise_case(case_id, SEVERITIES[rank])

    def _record_what_follows(self, asked: Iterable[Task]) -> None:
        """From tasks that are asked for once more, by rows that report to a case besides their own."""
        found: dict[str, Task] = {}
        for task in asked:
            known = self._as_known(task.key) if task.reports_to else None
            if known is not None:
                found.update((one.key, one) for one in self._follows(task, known))
        for one in found.values():
            self._store.record(one)

    def _as_known(self, key: str) -> Task | None:
        """A task as it stood when its case was read, or as it stands where it was recorded since."""
        lane = lane_of(key)
        case = self.cases.get(lane.case_id)
        state = self._reader.lane(case, lane) if case is not None else LaneState()
        found = next((task for task in overlay(state.tasks, state.turns) if task.key == key), None)
        damaged = {str(one.document.get("_key")) for one in state.damaged}
        return found if found is not None or key in damaged else self._store.get(key)

    def _task(self, finding: Finding, wanted: TaskRequest, rid: str = "") -> Task:
        names, case = event_names(finding), wanted.parent or finding.case_id
        if case != finding.case_id:
            names = tuple(event_of(finding.case_id, name) for name in names)
        task = Task(
            key=finding_task(case, wanted.family, wanted.kind, names, wanted.request, self.owner, _about(finding)),
            kind=wanted.kind,
            request=dict(wanted.request),
            service=wanted.service,
            finding=finding,
            alert=self._alert_of(finding, rid),
            event_ids=names,
            owner=self.owner,
            run=self._run,
            reports_to=wanted.reports_to,
            subject=_subject(finding) if wanted.parent else {},
            created_at=self._splunkd.now(),
        )
        task.audit.append(audit_event("task_recorded", task, task.created_at, status="success"))
        return task

    def _alert_of(self, finding: Finding, rid: str) -> Alert:
        """An ad hoc run has no name; the finding of Enterprise Security that it is about has."""
        alert = replace(self._alert, rid=rid) if rid else self._alert
        origin = next(iter(notables_of(finding)), None)
        return replace(alert, search_name=origin.search_name) if origin and not alert.search_name else alert

    def _read(self, tasks: Sequence[Task]) -> None:
        now = time.monotonic()
        if len(tasks) <= FEW:
            # The insert of each says whether it is there already; many are written on the strength of what is read.
            found = (self._known.get(self._splunkd.uri, task.case_id) for task in tasks)
            self.cases.update({case.case_id: case for case in found if case is not None})
        fresh = {case_id for case_id, case in self.cases.items() if now - case.read_at < STALE}
        self.cases.update(self._reader.read_many([t.case_id for t in tasks if t.case_id not in fresh]))

    def _write(self, tasks: Sequence[Task]) -> tuple[set[str], dict[str, Rejected]]:
        """Keys of those that are new, and why the KV store does not take others, by key."""
        one_by_one = [task for task in tasks if not self.cases[task.case_id].is_complete]
        together = [task for task in tasks if self.cases[task.case_id].is_complete]
        new: set[str] = set()
        if len(together) > FEW:
            self._check_age(together)
            try:
                self._store.record_many(together)
                new.update(task.key for task in together)
            except Rejected:
                # One of them is not taken; which, shows one by one.
                one_by_one += together
        else:
            one_by_one += together
        refused: dict[str, Rejected] = {}
        for task in one_by_one:
            try:
                if self._store.record(task):
                    new.add(task.key)
            except Rejected as error:
                refused[task.key] = error
        return new, refused

    def _check_age(self, tasks: Sequence[Task]) -> None:
        """What is written over would be found in the turns of the lane, but those are not kept for ever."""
        oldest = min(self.cases[task.case_id].read_at for task in tasks)
        if time.monotonic() - oldest > 2 * STALE:
            raise Unavailable("The cases were read too long ago.", "They are read again.", retry_after=0)


def _subject(finding: Finding) -> Mapping[str, str]:
    return {
        "case": finding.case_id,
        "severity": finding.severity,
        "signature": finding.signature[:LONGEST_NAME],
        "resource": finding.object_id[:LONGEST_NAME],
    }


def _about(finding: Finding) -> tuple[Any, ...]:
    """What a task is about. Handed over from Enterprise Security, it is asked for once more: somebody waits there."""
    return (*finding.target, *(notable.id for notable in notables_of(finding)))
