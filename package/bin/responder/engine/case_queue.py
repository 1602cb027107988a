"""The queue of cases: filtered, sorted and cut into pages by the KV store, by accelerated fields.

What can only be said of a case by its tasks (whether something waits for a person) is found by those: they have
accelerated fields of their own, and the newest ``MOST`` are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..cases import assignments, excuses
from ..cases.keys import case_id
from ..cases.snapshot import CaseReader, CaseSnapshot
from ..cases.states import WaitingFor
from ..cases.store import CASES
from ..cases.task import TASKS, Document, Task
from ..errors import Rejected, one_line
from ..findings import values
from ..findings.finding import SEVERITIES
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from . import told_cases
from .case_state import CaseState, Ticket, state_of, tasks_of, ticket_of, told_elsewhere
from .failures import Failures

#: Cases that a state is looked for in, the newest first; and rows of a page.
MOST, LONGEST_PAGE = 500, 100
#: Cases that one ticket tells of, of which it is looked how they stand.
MOST_TOLD = 100
APPROVAL, ATTENTION, WORKING, EXCUSED = STATES = ("approval", "attention", "working", "excused")
NEWEST, OLDEST, SEVERITY = SORTS = ("newest", "oldest", "severity")
_ORDER = {NEWEST: "opened_at:-1", OLDEST: "opened_at:1", SEVERITY: "severity_rank:-1,opened_at:-1"}
#: Of tasks that are being worked on, or will be without anybody's doing.
_BY_ITSELF = ("", WaitingFor.SERVICE.value, WaitingFor.TIME.value)
_CASE = re.compile(r"[0-9a-f]{20}")
_TICKET = re.compile(r"[A-Z][A-Z0-9_]{0,99}-[0-9]{1,12}")


@dataclass(frozen=True)
class Wanted:
    """Which cases. What is empty asks for nothing."""

    #: Of ``STATES``.
    state: str = ""
    #: So severe at least.
    severity: str = ""
    account: str = ""
    actor: str = ""
    #: Of the alert.
    owner: str = ""
    #: User of Splunk who takes care of it.
    assignee: str = ""
    #: ``signature_id``.
    detection: str = ""
    #: Id of a case, or key of a ticket. (From a notable: its dedup key, which ``checked`` makes the id of.)
    find: str = ""
    sort: str = NEWEST

    @classmethod
    def checked(cls, **given: str) -> Wanted:
        """Raises Rejected for what cannot be."""
        find = given.get("find") or ""
        # No key of a ticket has a colon, and each of the app's dedup keys has (`alert:...` those of other alerts).
        given = {**given, "find": case_id(values.key("dedup_key", find)) if ":" in find else find}
        wanted = cls(**{**given, "sort": given.get("sort") or NEWEST})
        for name, known in (("state", STATES), ("severity", SEVERITIES), ("sort", SORTS)):
            value = getattr(wanted, name)
            if value and value not in known:
                raise Rejected(f"{name} is '{one_line(value)[:40]}'.", f"Use one of {', '.join(known)}.")
        if wanted.account and not re.fullmatch(r"[0-9]{12}", wanted.account):
            raise Rejected("account is not the ID of an AWS account.", "It has 12 digits.")
        if wanted.find and not (_CASE.fullmatch(wanted.find) or _TICKET.fullmatch(wanted.find)):
            raise Rejected(
                "That is neither the ID of a case nor the key of a ticket.", "Enter one like SEC-42, or 20 hex digits."
            )
        return wanted

    @property
    def conditions(self) -> dict[str, Any]:
        """As the KV store takes them; the first is always one of an acceleration."""
        found: dict[str, Any] = {}
        if self.find:
            found["_key" if _CASE.fullmatch(self.find) else "ticket"] = self.find
        if self.account:
            found["account"] = self.account
        if self.actor:
            found["actor"] = self.actor
        if self.owner:
            found["owner"] = self.owner
        if self.detection:
            found["signature_id"] = self.detection
        if self.severity or self.sort == SEVERITY:
            found["severity_rank"] = {"$gte": SEVERITIES.index(self.severity or SEVERITIES[0])}
        return {**found, "opened_at": {"$gt": 0}}

    def takes(self, case: Document) -> bool:
        """The same of one case that was read."""
        known = {"account": "account", "actor": "actor", "owner": "owner", "detection": "signature_id"}
        rank = case.get("severity_rank")
        is_severe = not self.severity or (isinstance(rank, (int, float)) and rank >= SEVERITIES.index(self.severity))
        is_found = not self.find or self.find in (case.get("_key"), case.get("ticket"))
        same = (not getattr(self, mine) or case.get(its) == getattr(self, mine) for mine, its in known.items())
        return is_severe and is_found and all(same)


@dataclass(frozen=True)
class QueuedCase:
    """A row of the queue. Times are epoch seconds."""

    case: str
    opened_at: float
    updated_at: float
    severity: str
    signature: str
    detection: str
    account: str
    actor: str
    resource: str
    #: Name of the alert, and its owner.
    alert: str
    owner: str
    #: Who takes care of it; empty for nobody.
    assignee: str
    state: CaseState
    ticket: Ticket | None
    #: The case whose ticket and thread tell of it (docs/incidents.md), and how many others its own tell of.
    told_in: str = ""
    tells_of: int = 0
    #: How many of those need a person: nothing was done about them, or not all.
    open_cases: int = 0


@dataclass(frozen=True)
class Queue:
    cases: Sequence[QueuedCase]
    #: Whether a further page has any.
    more: bool
    #: Whether only the newest were looked at, as there are too many of the state that was asked for.
    is_cut: bool = False


def read(splunkd: Splunkd, wanted: Wanted, page: int, count: int) -> Queue:
    """A page of the queue; the first is 0. Raises a ResponderError."""
    config, cut = Configuration(splunkd), False
    if wanted.state or wanted.assignee:
        found, cut = _by_state(splunkd, config, wanted)
        found = found[page * count :]
    else:
        options = {"sort": _ORDER[wanted.sort], "limit": count + 1, "skip": page * count}
        found = splunkd.find(CASES, wanted.conditions, **options)
        if not found and not page and _CASE.fullmatch(wanted.find):
            found = [case for case in told_cases.documents(splunkd, [wanted.find]) if wanted.takes(case)]
    return Queue(_rows(splunkd, config, found[:count]), len(found) > count, cut)


def rows_of(splunkd: Splunkd, cases: Sequence[Document]) -> list[QueuedCase]:
    """Documents of cases as rows of the queue."""
    return _rows(splunkd, Configuration(splunkd), cases)


def _by_state(splunkd: Splunkd, config: Configuration, wanted: Wanted) -> tuple[list[Document], bool]:
    """Cases in a state, or of somebody, sorted, and whether there are more than were looked at."""
    ids = list(dict.fromkeys(_in_state(splunkd, config, wanted.state) if wanted.state else ()))
    if wanted.assignee:
        own = assignments.of_user(splunkd, wanted.assignee, 2 * MOST)
        ids = [one for one in ids if one in set(own)] if wanted.state else own
    known = told_cases.documents(splunkd, ids[:MOST])
    found = [case for case in known if case.get("opened_at") and wanted.takes(case)]
    found.sort(key=lambda case: float(case["opened_at"]), reverse=wanted.sort != OLDEST)
    if wanted.sort == SEVERITY:
        found.sort(key=lambda case: -float(case.get("severity_rank") or 0))
    return found, len(ids) > MOST


def _in_state(splunkd: Splunkd, config: Configuration, state: str) -> Iterable[str]:
    """Ids of cases, the newest first."""
    now = splunkd.now()
    if state == EXCUSED:
        return [one.case for one in excuses.in_force(splunkd, now, config.safety.longest_excuse_days)]
    if state == ATTENTION:
        return [one.case for one in Failures(splunkd, config, now).read(most=2 * MOST)]
    query: Mapping[str, Any] = {"waiting_for": WaitingFor.APPROVAL.value}
    order = "created_at:-1"
    if state == WORKING:
        query, order = {"open": 1, "updated_at": {"$gt": 0}}, "updated_at:-1"
    tasks = splunkd.find(TASKS, query, sort=order, limit=2 * MOST, fields="_key,case_id,about,waiting_for")
    kept = (task for task in tasks if state == APPROVAL or str(task.get("waiting_for") or "") in _BY_ITSELF)
    return [str(task.get("about") or task.get("case_id")) for task in kept]


def _rows(splunkd: Splunkd, config: Configuration, cases: Sequence[Document]) -> list[QueuedCase]:
    ids = [str(case["_key"]) for case in cases]
    elsewhere, given = told_elsewhere(splunkd, ids), assignments.of(splunkd, ids)
    first = {case: told[-1].case_id for case, told in elsewhere.items()}
    reading = _Reading(splunkd, config, [*ids, *first.values()])
    tells_of = {case: told_cases.told_by(case, reading.tasks(case)) for case in ids}
    reading.add([one for others in tells_of.values() for one in others[:MOST_TOLD]])
    rows = []
    for case in cases:
        key, others = str(case["_key"]), tells_of[str(case["_key"])]
        tasks = reading.tasks(key)
        told = [*tasks, *elsewhere.get(key, ())]
        of_first = reading.tasks(first[key]) if key in first else ()
        newest = max((task.updated_at for task in told), default=0.0)
        row = _row(case, reading.state(key), ticket_of(told, case, of_first), newest, given.get(key, ""))
        still_open = sum(reading.state(one).kind in ("error", "warning") for one in others[:MOST_TOLD])
        rows.append(replace(row, told_in=first.get(key, ""), tells_of=len(others), open_cases=still_open))
    return rows


class _Reading:
    """How cases stand, each read once."""

    def __init__(self, splunkd: Splunkd, config: Configuration, cases: Sequence[str]) -> None:
        self._reader, self._now = CaseReader(splunkd), splunkd.now()
        self._longest = config.safety.longest_excuse_days
        self._snapshots: dict[str, CaseSnapshot] = {}
        self._tasks: dict[str, list[Task]] = {}
        self.add(cases)

    def add(self, cases: Sequence[str]) -> None:
        missing = [case for case in dict.fromkeys(cases) if case not in self._snapshots]
        self._snapshots.update(self._reader.read_many(missing) if missing else {})

    def tasks(self, case: str) -> list[Task]:
        # Those of a large case are read by this.
        if case not in self._tasks:
            self._tasks[case] = tasks_of(self._reader, self._snapshots[case])
        return self._tasks[case]

    def state(self, case: str) -> CaseState:
        excuse = self._reader.excuse(self._snapshots[case])
        return state_of(case, self.tasks(case), excuse, self._now, self._longest)


def _row(
    case: Document, state: CaseState, ticket: Ticket | None, updated_at: float, assignee: str
) -> QueuedCase:
    text = {name: one_line(case.get(name) or "") for name in _TEXTS}
    return QueuedCase(
        case=str(case["_key"]),
        opened_at=float(case.get("opened_at") or 0),
        updated_at=max(updated_at, float(case.get("opened_at") or 0)),
        severity=text["severity"],
        signature=text["signature"],
        detection=text["signature_id"],
        account=text["account"],
        actor=text["actor"],
        resource=text["resource"],
        alert=text["search_name"],
        owner=text["owner"],
        assignee=assignee,
        state=state,
        ticket=ticket,
    )


_TEXTS = ("severity", "signature", "signature_id", "account", "actor", "resource", "search_name", "owner")
