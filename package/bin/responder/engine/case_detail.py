"""One case as people look at it before they decide: remediations and evidence, tasks, history, what they may do.

It only reads. Of a finding it gives what the ticket shows, and no setting and no credential is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..cases import assignments, excuses
from ..cases.excuses import EXCUSED, Excuse
from ..cases.keys import case_checked
from ..cases.snapshot import CaseReader, CaseSnapshot
from ..cases.store import CASES
from ..cases.task import Document, Task
from ..documents import runbooks
from ..errors import NotFound, Rejected, one_line
from ..findings.attack import named
from ..findings.finding import Finding, severity_rank
from ..handlers.reports import stays_made
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from ..splunk.users import capabilities
from . import case_history, told_cases
from .case_history import HistoryEntry
from .case_queue import QueuedCase, rows_of
from .case_remediations import Given, Remediation, remediations
from .case_rights import Rights
from .case_state import (
    CaseState,
    Thread,
    Ticket,
    newest_with_finding,
    state_of,
    tasks_of,
    threads_of,
    ticket_of,
    told_elsewhere,
)
from .excusing import default_days

#: Tasks that are listed, the newest.
MOST_TASKS = 200
#: Cases of an incident or digest that are listed.
MOST_CASES = 100


@dataclass(frozen=True)
class CaseFinding:
    """What was found, as CIM names it. Times are epoch seconds. Texts are an attacker's."""

    reason: str
    user: str
    user_type: str
    user_arn: str
    access_key_id: str
    src_ip: str
    src_country: str
    user_agent: str
    account: str
    region: str
    resource_type: str
    resource: str
    command: str
    outcome: str
    technique: str
    event_count: int
    first_time: float
    last_time: float

    @classmethod
    def of(cls, finding: Finding) -> CaseFinding:
        return cls(
            reason=one_line(finding.reason),
            user=one_line(finding.user),
            user_type=one_line(finding.user_type),
            user_arn=one_line(finding.user_arn),
            access_key_id=one_line(finding.access_key_id),
            src_ip=one_line(finding.src_ip),
            src_country=one_line(finding.src_country),
            user_agent=one_line(finding.user_agent),
            account=finding.vendor_account,
            region=finding.vendor_region,
            resource_type=one_line(finding.object_category),
            resource=one_line(finding.object_id),
            command=one_line(finding.command),
            outcome=finding.outcome,
            technique=", ".join(named(finding.mitre_technique_id)),
            event_count=finding.event_count,
            first_time=finding.first_time,
            last_time=finding.last_time,
        )


@dataclass(frozen=True)
class CaseTask:
    """One effect on the outside world."""

    task: str
    kind: str
    #: Site, workspace or account; empty where it needs none.
    service: str
    state: str
    waiting_for: str
    message: str
    attempts: int
    created_at: float
    updated_at: float
    #: When it goes on by itself; 0 where it does not.
    due_at: float
    #: Of what the caller may do: ``retry``.
    may: Sequence[str]


@dataclass(frozen=True)
class CaseExcuse:
    by: str
    reason: str
    since: float
    until: float


@dataclass(frozen=True)
class CaseDetail:
    case: str
    opened_at: float
    severity: str
    signature: str
    detection: str
    #: Name of the alert, and its owner.
    alert: str
    owner: str
    #: User of Splunk who takes care of it; empty for nobody.
    assignee: str
    state: CaseState
    #: None where no task of the case keeps it any more.
    finding: CaseFinding | None
    ticket: Ticket | None
    threads: Sequence[Thread]
    excuse: CaseExcuse | None
    #: The longest time of an excuse, and that of one that names none; days.
    longest_excuse_days: int
    excuse_days: int
    remediations: Sequence[Remediation]
    tasks: Sequence[CaseTask]
    #: How many older ones are not listed.
    more_tasks: int
    history: Sequence[HistoryEntry]
    #: Sentences, in order.
    runbook: Sequence[str]
    #: The case whose ticket and thread tell of it (docs/incidents.md); empty where they are its own.
    told_in: str
    #: Others that its ticket and thread tell of, the gravest first, and how many of them are not listed.
    cases: Sequence[QueuedCase]
    more_cases: int
    #: Of what the caller may do with the case: ``excuse``, ``lift``, ``remediate``, ``assign``.
    may: Sequence[str] = field(default_factory=tuple)


def read(splunkd: Splunkd, case: str, user: str) -> CaseDetail:
    """``user``: who looks at it. Raises Rejected for what is not the id of a case, NotFound where there is none."""
    try:
        case = case_checked(case)
    except ValueError as error:
        raise Rejected("That is not the ID of a case.", "Open it from the list of cases.") from error
    own = splunkd.fetch(CASES, case)
    document = own or next(iter(told_cases.documents(splunkd, [case])), None)
    if document is None:
        raise NotFound(f"There is no case {case}.", "It may have been removed: see Retention on the General tab.")
    detail = _Reading(splunkd, case, document, user).detail()
    # Somebody takes care of the ticket, and with it of the case that it was opened for.
    return detail if own else replace(detail, may=[one for one in detail.may if one != "assign"])


class _Reading:
    def __init__(self, splunkd: Splunkd, case: str, document: Document, user: str) -> None:
        self._splunkd, self._case, self._document = splunkd, case, document
        self._config = Configuration(splunkd)
        self._reader = CaseReader(splunkd)
        self._snapshot: CaseSnapshot = self._reader.read(case)
        self._tasks = tasks_of(self._reader, self._snapshot)
        self._elsewhere = told_elsewhere(splunkd, [case]).get(case, [])
        self._told = [*self._tasks, *self._elsewhere]
        self._rights = Rights(user, capabilities(splunkd, user), self._config.safety)

    def detail(self) -> CaseDetail:
        now, longest = self._splunkd.now(), self._config.safety.longest_excuse_days
        said = self._reader.lane(self._snapshot, excuses.lane_of(self._case)).excuses
        spoken = excuses.newest(said)
        excuse = spoken if spoken is not None and spoken.stands(now, longest) else None
        newest = newest_with_finding(self._splunkd, self._told, self._case)
        finding = newest.finding if newest is not None else None
        given = Given.read(self._splunkd, self._tasks)
        made = frozenset(stays_made(self._snapshot))
        document, text = self._document, {name: one_line(self._document.get(name) or "") for name in _TEXTS}
        listed = [task for task in self._told if not task.kind.startswith("remediation.")]
        others = told_cases.told_by(self._case, self._tasks)
        may = self._rights.on_case(is_excused=excuse is not None, has_finding=finding is not None)
        return CaseDetail(
            case=self._case,
            opened_at=float(document.get("opened_at") or 0),
            severity=text["severity"],
            signature=text["signature"],
            detection=text["signature_id"],
            alert=text["search_name"],
            owner=text["owner"],
            assignee=assignments.of(self._splunkd, [self._case]).get(self._case, ""),
            state=state_of(self._case, self._tasks, spoken, now, longest),
            finding=CaseFinding.of(finding) if finding else None,
            ticket=ticket_of(self._told, document, self._of_first()),
            threads=threads_of(self._told),
            excuse=_excuse(excuse, longest) if excuse else None,
            longest_excuse_days=longest,
            excuse_days=default_days(self._config.safety),
            remediations=remediations(self._tasks, given, self._rights, made),
            tasks=[self._task(task) for task in listed[::-1][:MOST_TASKS]],
            more_tasks=max(0, len(listed) - MOST_TASKS),
            history=case_history.entries(self._told, document, given.answers, said, finding),
            runbook=runbooks.of(text["signature_id"]).steps,
            told_in=self._elsewhere[-1].case_id if self._elsewhere else "",
            cases=self._others(others[:MOST_CASES]),
            more_cases=max(0, len(others) - MOST_CASES),
            may=may,
        )

    def _of_first(self) -> Sequence[Task]:
        """Tasks of the case whose ticket tells of this one; none where it is this one's own."""
        if not self._elsewhere:
            return ()
        return tasks_of(self._reader, self._reader.read(self._elsewhere[-1].case_id))

    def _others(self, cases: Sequence[str]) -> Sequence[QueuedCase]:
        found = rows_of(self._splunkd, told_cases.documents(self._splunkd, cases)) if cases else []
        return sorted(found, key=lambda row: (-severity_rank(row.severity), row.opened_at))

    def _task(self, task: Task) -> CaseTask:
        return CaseTask(
            task=task.key,
            kind=task.kind,
            service=task.service,
            state=task.state.value,
            waiting_for=task.waiting_for.value,
            message=one_line(task.message),
            attempts=task.attempts,
            created_at=task.created_at,
            updated_at=task.updated_at,
            due_at=0.0 if task.final else task.due_at,
            may=self._rights.retry(task),
        )


_TEXTS = ("severity", "signature", "signature_id", "search_name", "owner")


def _excuse(excuse: Excuse, longest_days: int) -> CaseExcuse:
    assert excuse.state == EXCUSED
    return CaseExcuse(one_line(excuse.by), one_line(excuse.reason), excuse.at, excuse.ends_at(longest_days))
