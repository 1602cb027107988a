"""A person excuses a case for a time, or lifts that. Every door by which that is asked for leads here.

An excuse is one insert (``cases/excuses.py``). What follows from it (the audit event, what waited in the case ends,
ticket and thread are told) is done afterwards, and again by the worker where somebody died in between.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..cases import excuses
from ..cases.audit import audit_event, identified
from ..cases.excuses import EXCUSED, LIFTED, Excuse
from ..cases.keys import TaskKey
from ..cases.owed import send_or_owe
from ..cases.snapshot import CaseReader, CaseSnapshot
from ..cases.store import CASES, TaskStore
from ..cases.task import TASKS, Task
from ..cases.turns import Turns, TurnTaken
from ..documents.excuses import ENDS_SOON, excused_until
from ..errors import NotDone, NotFound, Rejected, ResponderError, Unavailable, one_line
from ..findings.finding import severity_rank
from ..handlers.excuse_notices import notices, stage_of
from ..handlers.excuse_shown import DEFAULT_DAYS
from ..handlers.registry import kinds
from ..handlers.reports import stays_made
from ..remediation.verdicts import SPLUNK, Decision, Policy
from ..settings.model import Safety
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from .answering import Answerer
from .engine import READ_LAG, Engine, lease_seconds
from .report import TaskReport
from .services import Services

log = logging.getLogger("cloudtrail_responder")

#: Characters of a reason.
LONGEST_REASON = 500
#: Times that the next number is tried; so many people do not answer in one moment.
TRIES = 20
#: Seconds for which whoever has written an excuse is left alone with what follows from it.
OWN_TIME = 30.0
#: Seconds after which nothing further is begun by a round of the worker.
LONGEST = 10.0
#: Times that is looked whether what was written can be read here.
LOOKS = 10
#: Tasks of a case that are read to find out what it is about.
MANY = 200
_CASE = re.compile(r"[0-9a-f]{20}")


@dataclass(frozen=True)
class Excused:
    """What stands now."""

    case: str
    #: ``excused`` or ``lifted``.
    state: str
    #: ``signature_id`` and severity of what is excused.
    detection: str
    severity: str
    by: str
    reason: str
    #: Epoch seconds.
    until: float
    #: One line for people, with what was done before and stays.
    message: str
    #: Tasks that waited, or were to be done, and have ended by it.
    ended: Sequence[TaskReport] = ()
    #: Remediations that were made before, and stay: each can be undone.
    made: Sequence[str] = ()


def default_days(safety: Safety) -> int:
    return min(DEFAULT_DAYS, safety.longest_excuse_days)


def excuse(splunkd: Splunkd, services: Services, task_or_case: str, days: int, reason: str, who: Answerer) -> Excused:
    """Excuse a case for so many days from now; 0 lifts that. ``task_or_case``: a task of the case, or its id.

    Of a task, what is excused is as grave as its finding at most; of a case, as the gravest in it. The newest excuse
    counts. Answered again after a stop (``who.run``), it is the same one. Raises NotFound, Rejected for what cannot be
    excused or by whom, and NotDone where there is nothing to lift.
    """
    config = Configuration(splunkd)
    reason = one_line(reason)
    if not reason or len(reason) > LONGEST_REASON:
        raise Rejected(f"A reason is needed, of at most {LONGEST_REASON} characters.", "Say why.")
    longest = config.safety.longest_excuse_days
    if not 0 <= days <= longest:
        raise Rejected(f"A case may be excused for 1 to {longest} days; 0 lifts that.", "Name fewer days.")
    of, severity = _named(splunkd, task_or_case)
    if of.finding is not None and of.finding.batch:
        # The next run has a case of its own: it would excuse nothing.
        raise Rejected("This case stands for all results of one run.", "Name the case of one of its results.")
    _check_person(config, of, who)
    stands = _recorded(splunkd, of, severity, days, reason, who, longest)
    services.cases.forget(splunkd.uri, stands.case)
    return _carried_out(splunkd, services, config, stands)


def see_through(splunkd: Splunkd, services: Services) -> None:
    """Do what follows from excuses whose writers have not. Raises a ResponderError."""
    found = excuses.unsettled(splunkd, splunkd.now() - OWN_TIME)
    if not found:
        return
    config, until = Configuration(splunkd), time.monotonic() + LONGEST
    for one in found:
        if time.monotonic() >= until:
            break
        try:
            _carried_out(splunkd, services, config, one)
        except ResponderError as error:
            # It is no reason to leave the others.
            log.error("excuse=%s is not settled: %s", one.key, error)


def notify_of_end(splunkd: Splunkd, stands: Excuse, longest_days: int) -> None:
    """Record what tells ticket and thread that an excuse ends soon, once. Raises a ResponderError."""
    store = TaskStore(splunkd)
    of = store.get(stands.task)
    if of is not None:
        for task in _notices(splunkd, stands, of, ENDS_SOON, stands.ends_at(longest_days)):
            store.record(task)


# -- what is excused, and by whom --------------------------------------------------------------------------------------


def _named(splunkd: Splunkd, name: str) -> tuple[Task, str]:
    """A task of the case with its finding, and how grave what is excused is. Raises NotFound, Rejected."""
    if not _CASE.fullmatch(name):
        task = TaskStore(splunkd).get(str(TaskKey.parse(name)))
        if task is None or task.finding is None:
            raise NotFound(f"No task {name} is recorded.", "Take the key from the audit events (field task).")
        return task, task.finding.severity
    case = splunkd.fetch(CASES, name)
    # Whole documents only: what has ended has its finding there, too.
    found = _tasks_about(splunkd, name, {"$gte": 0}, limit=MANY)
    known = _of_case(found, name)
    if case is None and not known:
        raise NotFound(f"No case {name} is recorded.", "Take the ID from the ticket or from the audit events.")
    # What is told in the ticket of another case alone opens no case of its own.
    first = next((task.finding.signature_id for task in known if task.finding), "")
    detection = case.get("signature_id") if case is not None else first
    of = [task for task in known if task.finding and task.finding.signature_id == detection]
    if not of:
        raise NotFound(f"No task of case {name} can be read.", "Name a task, from the audit events (field task).")
    gravest = max(of, key=lambda task: severity_rank(task.finding.severity if task.finding else ""))
    return gravest, gravest.finding.severity if gravest.finding else ""


def _tasks_about(splunkd: Splunkd, case: str, is_open: Any, **options: Any) -> list[dict[str, Any]]:
    """Documents about a case in its own lanes, and in those of others that tell of it."""
    own = splunkd.find(TASKS, {"case_id": case, "open": is_open}, **options)
    told = splunkd.find(TASKS, {"about": case, "open": is_open}, sort="created_at:-1", **options)
    return [*(one for one in own if not one.get("about")), *told]


def _seen(splunkd: Splunkd, of: Task) -> str:
    """By owner, how grave the findings of the case and detection are that there are by now: JSON."""
    assert of.finding is not None
    found = [of, *_of_case(_tasks_about(splunkd, _case_of(of), {"$gte": 0}, limit=MANY), _case_of(of))]
    seen: dict[str, str] = {}
    for task in found:
        if task.finding and task.finding.signature_id == of.finding.signature_id:
            known = seen.get(task.owner, task.finding.severity)
            seen[task.owner] = max(known, task.finding.severity, key=severity_rank)
    return json.dumps(seen)


def _of_case(documents: Sequence[dict[str, Any]], case: str) -> list[Task]:
    return [task for task in map(_read, documents) if task is not None and _case_of(task) == case]


def _case_of(task: Task) -> str:
    """The case of its finding, in whichever lane it is told or reported; "" without one."""
    return task.finding.case_id if task.finding is not None else ""


def _read(document: dict[str, Any]) -> Task | None:
    try:
        return Task.from_document(document)
    except (ValueError, ResponderError):
        # A turn, or one that the worker closes.
        return None


def _check_person(config: Configuration, of: Task, who: Answerer) -> None:
    """Raises Rejected where four eyes are needed and it is the alert's owner, or whoever did what was found."""
    if not config.safety.four_eyes or of.finding is None:
        return
    if not who.is_identified:
        raise Rejected(
            f"Four eyes are needed, and {who.by} is not known by an email address or as a Splunk user.",
            "Excuse it in Splunk, or ask an administrator to add you as ID=user on the Slack tab.",
        )
    policy = Policy.of(config.safety, of.finding, *of.askers)
    if not policy.counts(Decision(of.key, "", "", EXCUSED, who.by, 0.0)):
        raise Rejected(
            "Four eyes are needed: neither the alert's owner nor the user who did what was found can excuse it.",
            "Ask somebody else who may approve.",
        )


def _recorded(splunkd: Splunkd, of: Task, severity: str, days: int, reason: str, who: Answerer, longest: int) -> Excuse:
    """The insert. Raises NotDone where nothing is to be lifted."""
    assert of.finding is not None
    now = splunkd.now()
    given = Excuse(
        case=_case_of(of),
        number=0,
        state=EXCUSED if days else LIFTED,
        detection=of.finding.signature_id,
        severity=severity,
        by=one_line(who.by),
        way=who.way,
        reason=reason,
        owner=of.owner,
        task=of.key,
        at=now,
        until=now + days * excuses.DAY,
        kept_until=0.0,
        run=who.run,
        seen=_seen(splunkd, of),
    )
    for _ in range(TRIES):
        known = excuses.of_case(splunkd, given.case)
        # The same answer, carried out again: in Splunk a session asks more than once, and means it.
        same = [one for one in known if one.run == given.run and one.way == given.way != SPLUNK and given.run]
        if same:
            return same[-1]
        newest = excuses.newest(known)
        if not days and (newest is None or not newest.stands(now, longest)):
            raise NotDone(f"Case {given.case} is not excused.", "Look at | respondexcuses.")
        if not days and newest is not None:
            given = replace(given, detection=newest.detection, severity=newest.severity)
        inserted = excuses.insert(splunkd, given)
        if inserted is not None:
            return inserted
    raise Unavailable("Somebody else has just excused this case.", "Look again.")


# -- what follows from it ----------------------------------------------------------------------------------------------


def _carried_out(splunkd: Splunkd, services: Services, config: Configuration, stands: Excuse) -> Excused:
    """Safe to repeat. Raises a ResponderError; what is not done by then the worker does."""
    store = TaskStore(splunkd)
    of = store.get(stands.task)
    if of is None:
        excuses.settle(splunkd, stands)
        return _answer(stands, config, (), ())
    send_or_owe(splunkd, _audited(stands, of), config.audit_index)
    newest = _newest_read(splunkd, stands)
    if newest is None:
        # What waits would be tried as if nobody had excused it; the worker ends it.
        log.warning("excuse=%s cannot be read here yet", stands.key)
        return _answer(stands, config, (), ())
    if newest.number > stands.number:
        # What somebody has said since is what people hear.
        excuses.settle(splunkd, stands)
        return _answer(stands, config, (), ())
    until = stands.ends_at(config.safety.longest_excuse_days)
    told = _notices(splunkd, stands, of, stage_of(stands), until)
    for task in told:
        store.record(task)
    engine = Engine(splunkd, services, config=config)
    asked = _asked_for(splunkd, stands.case) if stands.state == EXCUSED else []
    ended = engine.run(asked, patient=True)
    case = CaseReader(splunkd).read(stands.case)
    _overtake(splunkd, store, config, case)
    services.cases.forget(splunkd.uri, stands.case)
    engine.run([task.key for task in told])
    if all(report.is_seen for report in ended):
        excuses.settle(splunkd, stands)
    return _answer(stands, config, ended, stays_made(case))


def _newest_read(splunkd: Splunkd, stands: Excuse) -> Excuse | None:
    """What was said last of the case; None where not even this excuse can be read.

    In a search head cluster writes go to the KV store captain, reads to a local copy that lags a little.
    """
    for _ in range(LOOKS):
        newest = excuses.newest_of(splunkd, [stands.case])[stands.case]
        if newest is not None and newest.number >= stands.number:
            return newest
        time.sleep(READ_LAG)
    return None


def _audited(stands: Excuse, of: Task) -> dict[str, Any]:
    step = "case_excused" if stands.state == EXCUSED else "excuse_lifted"
    known = {"way": stands.way, "reason": stands.reason, "until": stands.until if stands.state == EXCUSED else ""}
    # A task of the case stands for it: only its finding is meant.
    event = audit_event(step, of, stands.at, "success", by=stands.by, case_id=stands.case, **known)
    return identified(event, stands.key, *stands.identity)


def _notices(splunkd: Splunkd, stands: Excuse, of: Task, stage: str, until: float) -> list[Task]:
    """What says it, wherever people hear of the case: in its own ticket and thread, and in those of incidents."""
    query = {"about": stands.case, "open": {"$gte": 0}}
    found = splunkd.find(TASKS, query, fields="case_id", sort="created_at:-1", limit=MANY)
    places = dict.fromkeys([stands.case, of.case_id, *(str(one.get("case_id")) for one in found)])
    return [task for place in places for task in notices(stands, of, stage, until, place)]


def _asked_for(splunkd: Splunkd, case: str) -> list[str]:
    """Tasks about the case that are not at their end and that alerts, or the sweep, have asked for."""
    wanted = {name for name, kind in kinds().items() if kind.is_requested}
    found = _tasks_about(splunkd, case, 1, fields="_key,kind,about")
    return [str(one["_key"]) for one in found if one.get("kind") in wanted]


def _overtake(splunkd: Splunkd, store: TaskStore, config: Configuration, case: CaseSnapshot) -> None:
    """Take a turn in each lane where findings are handled: what anybody has read before claims nothing there any more.

    Whoever holds a turn there just now has begun before the case was excused.
    """
    reader, turns = CaseReader(splunkd), Turns(store, splunkd.uri, splunkd.now, lease_seconds(config))
    for family in sorted({kind.family for kind in kinds().values() if kind.is_requested}):
        name = f"{case.case_id}.{family}"
        lane = next((task.lane for task in case.lanes[name].tasks), None) if name in case.lanes else None
        turn = turns.prepare(lane, reader.lane(case, lane).turns, case.read_at) if lane else None
        if turn is not None:
            try:
                turn.claim_and_release()
            except TurnTaken:
                # Then that is the turn by which the case is read again.
                log.info("lane=%s: somebody has just taken a turn", lane)


def _answer(stands: Excuse, config: Configuration, ended: Sequence[TaskReport], made: Sequence[str]) -> Excused:
    until = stands.ends_at(config.safety.longest_excuse_days)
    if stands.state == LIFTED:
        said = f"Lifted by {stands.by}: the next finding of case {stands.case} is reported again."
    else:
        said = excused_until(until, stands.by, stands.reason)
        ends = [report for report in ended if report.kind == "remediation.run"]
        said += f" {len(ends)} remediation{'s' * (len(ends) > 1)} that waited ended." if ends else ""
    if made and stands.state == EXCUSED:
        said += f" What was made before stays: {', '.join(made)}. Undo it to take it back."
    return Excused(
        stands.case, stands.state, stands.detection, stands.severity, stands.by, stands.reason, until, said, ended, made
    )
