"""The second proof of a remediation, looked up later: what CloudTrail has of our calls, and of those we contained.

A task of its own in the lane of remediations, recorded with the end of the one that it is about. It only reads; what it
finds is told as every outcome is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..at_work import at_work
from ..cases.keys import follow_up
from ..cases.outcomes import NothingToDo, Notified, Remediated
from ..cases.states import WaitingFor
from ..cases.task import Task
from ..errors import NotYet, ResponderError
from ..findings.arrivals import Arrival, arrivals, event_ids_of
from ..findings.finding import Finding
from ..findings.record_search import DAY
from ..findings.successes import successes
from ..remediation import containment, stages
from ..remediation.containment import Pace, Records, Watched
from ..remediation.evidence import Entry, Evidence, EvidenceStore
from ..remediation.outcome import Outcome
from ..remediation.verdicts import APPROVALS, APPROVE
from .base import Context, Kind, Result, request_text
from .escalation import escalation
from .given_back import given_back
from .own_remediations import playbook_of
from .registry import notifications
from .time_limit import UNDO

CONTAINMENT = "remediation.containment"
#: In a request: the remediation that was taken back, where the calls of its undo are looked for.
UNDONE = "undone"
#: Days before the change in which the finding's own records are looked for.
REACH = 32 * DAY


def expected(context: Context, outcome: Outcome) -> tuple[Task, ...]:
    """The look-up that follows a remediation, or an undo, which has changed something; nothing for any other."""
    if outcome.status not in ("done", "undone") or not outcome.last_write:
        return ()
    task, due = context.task, context.clock() + _pace(context).first
    key = follow_up(task.case_id, "remediate", CONTAINMENT, task.key, outcome.last_write)
    request = {"of": task.key, "playbook": outcome.playbook, "mode": outcome.mode}
    message = "CloudTrail's records will show whether the change was made and holds."
    if outcome.status == "undone":
        # Whose evidence has the calls.
        request[UNDONE] = request_text(task.request, "of")
        message = "The record of the undo's own call is looked for in CloudTrail."
    return (task.following_at(due, key, CONTAINMENT, request, service({}, None), message),)


def look_up(context: Context) -> Result:
    """Raises NotYet while the index may still tell more, and what a search raises while there is time to try again."""
    undone = request_text(context.task.request, UNDONE)
    if undone:
        return _look_up_undo(context, undone)
    of = request_text(context.task.request, "of")
    evidence = EvidenceStore(context.splunkd, of, context.clock).load()
    made = evidence.made
    # Of many parts, some may have been given back; the others still have to hold.
    is_whole = not playbook_of(context, request_text(context.task.request, "playbook")).is_composed
    if not made or (is_whole and any(entry.undone_at is not None for entry in evidence.entries)):
        return Result("It was taken back meanwhile: there is nothing to look up.", NothingToDo())
    pace, now, failure = _pace(context), context.clock(), ""
    if now < containment.made_at(made) + pace.gives_up and _is_being_undone(context, of):
        raise NotYet("It is being taken back.", retry_after=pace.first)
    found: Sequence[Arrival] = ()
    watched: Sequence[Watched] = ()
    try:
        with at_work():
            found = _arrived(context, made, now)
            records = Records.of(made, found)
            watched = _watched(context, records, now)
    except ResponderError as error:
        if now < containment.made_at(made) + pace.gives_up:
            raise
        # There is no time left to try again: that it could not be searched is what people are told.
        records, failure = Records.of(made, found), str(error)
    said = containment.judge(records, watched, pace, now, failure)
    return _ended(context, said.status, said, _stages(context, evidence, found, said))


def _look_up_undo(context: Context, undone: str) -> Result:
    """Only the records of its own calls: whom the remediation had contained may act again. Raises as ``look_up``."""
    made = EvidenceStore(context.splunkd, undone, context.clock).load().undos
    if not made:
        return Result("No call of ours has taken it back: there is nothing to look up.", NothingToDo())
    pace, now, failure = _pace(context), context.clock(), ""
    found: Sequence[Arrival] = ()
    try:
        with at_work():
            found = _arrived(context, made, now)
    except ResponderError as error:
        if now < containment.made_at(made) + pace.gives_up:
            raise
        failure = str(error)
    said = containment.judge(Records.of(made, found), (), pace, now, failure)
    return _ended(context, f"undo_{said.status}", said, {})


def _pace(context: Context) -> Pace:
    return Pace.of(context.config.stanza("developer"))


def _arrived(context: Context, made: Sequence[Entry], now: float) -> Sequence[Arrival]:
    """Records of our calls, and of the events that were found."""
    ids = [name for name in map(containment.request_id, made) if name]
    began = containment.made_at(made)
    first = context.finding.first_time or began
    return arrivals(
        context.splunkd, [*ids, *event_ids_of(context.finding.event_ids)], max(first, began - REACH) - DAY, now + DAY
    )


def _is_being_undone(context: Context, of: str) -> bool:
    """Whether an undo has begun: what it has given back is written down at its end."""
    pauses = (WaitingFor.TIME, WaitingFor.APPROVAL)
    return any(
        task.kind == UNDO and not task.final and task.waiting_for not in pauses
        for task in context.siblings
        if request_text(task.request, "of") == of
    )


def _watched(context: Context, records: Records, now: float) -> Sequence[Watched]:
    playbook = playbook_of(context, request_text(context.task.request, "playbook"))
    found = []
    resources = (entry.intended.resource for entry in records.made)
    for resource in {(resource.part, resource.id): resource for resource in resources}.values():
        whom = playbook.of(resource).contains(resource)
        if whom is not None:
            own = records.about(resource)
            seen = successes(context.splunkd, whom, own.changed_at, now) if whom.can_be_looked_up else None
            watched = Watched(whom.who, seen, own.changed_at)
            late = watched.late(containment.SPREADS)
            back = given_back(context, resource, own, late[0].at) if late else None
            found.append(replace(watched, given_back=back))
    return found


def _ended(context: Context, status: str, said: containment.Judgment, times: Mapping[str, Any]) -> Result:
    request, number = context.task.request, context.turn.number
    playbook, mode = request_text(request, "playbook"), request_text(request, "mode")
    context.audit(
        f"remediation_{status}",
        "success" if said.status == "proved" else "failure",
        playbook=playbook,
        mode=mode,
        message=said.message,
        of=request_text(request, "of"),
        record_latency=round(said.latency, 1) or None,
        **times,
    )
    outcome = Remediated(playbook, mode, status, said.message, finished_at=context.clock())
    told = notifications(context.task, number, status, config=context.config)
    if said.status in ("still_active", "given_back"):
        channel = context.config.safety.escalation_channel
        told = (*told, *escalation(context.task, number, said.status, "", channel))
    return Result(said.message, outcome, follow_ups=told)


# Time by stage


def _stages(
    context: Context, evidence: Evidence, found: Iterable[Arrival], said: containment.Judgment
) -> Mapping[str, Any]:
    own = {event_id.lower() for event_id in context.finding.event_ids}
    events = [one for one in found if one.event_id.lower() in own]
    made = evidence.made
    times = {
        "indexed": min((one.indexed_at for one in events), default=0.0),
        "found": _found_at(context),
        "notified": _notified_at(context),
        "approved": _approved_at(context, evidence),
        "changed": containment.made_at(made),
        "verified": max((entry.left.at for entry in made if entry.left is not None), default=0.0),
        "proved": said.indexed_at,
    }
    return stages.fields(context.finding.first_time, times)


def _found_at(context: Context) -> float:
    of = request_text(context.task.request, "of")
    run = next((task for task in context.siblings if task.key == of), None)
    return run.created_at if run is not None else 0.0


def _notified_at(context: Context) -> float:
    """When people were first notified of these events."""
    own = set(context.finding.event_ids)
    outcomes = (task.outcome for family in ("ticket", "slack", "notify") for task in context.others(family))
    times = [
        outcome.notified_at
        for outcome in outcomes
        if isinstance(outcome, Notified) and outcome.notified_at and own & set(outcome.event_ids)
    ]
    return min(times, default=0.0)


def _approved_at(context: Context, evidence: Evidence) -> float:
    """Of the answers to the plan that was carried out, the approval that came last before it."""
    plan = evidence.plan
    if plan is None or not plan.asked:
        return 0.0
    of, changed_at = request_text(context.task.request, "of"), containment.made_at(evidence.made)
    answers = context.splunkd.find(APPROVALS, {"task": of})
    times = [
        float(answer["at"])
        for answer in answers
        if answer.get("ask") == plan.ask and answer.get("decision") == APPROVE and float(answer["at"]) <= changed_at
    ]
    return max(times, default=0.0)


def service(request: Mapping[str, Any], finding: Finding | None) -> str:
    """Searches of this search head, which have a share of their own."""
    return "splunk:cloudtrail_index"


KINDS = (Kind(CONTAINMENT, "remediate", look_up, service=service),)
