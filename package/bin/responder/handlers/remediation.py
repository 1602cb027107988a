"""Remediations in AWS and their undo: ``responder.remediation`` does it, this hands it over.

Nothing is looked up by the engine here: every attempt reads the evidence and the state in AWS first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..aws.accounts import Accounts
from ..cases.outcomes import NothingToDo, Remediated
from ..cases.recording import TaskRequest
from ..cases.states import State, WaitingFor
from ..cases.task import TASKS, Task
from ..errors import ConfigurationError, InvalidFinding, NeedsApproval, RefusedByGuardrail, ResponderError
from ..findings import actor_calls, known_accounts, past_calls, sources
from ..findings.actor_calls import ActorCalls
from ..findings.cloudtrail import CloudTrailRecord
from ..findings.finding import Finding
from ..findings.past_calls import PastCalls
from ..remediation import guide as guides
from ..remediation import registry, runner, time_limits, together
from ..remediation import undo as undoing
from ..remediation.guide import Guide
from ..remediation.modes import effective_mode
from ..remediation.outcome import Outcome
from ..remediation.ports import Ports, Request
from ..remediation.previews import RunPlan, UndoPlan, only_reading
from ..remediation.verdicts import Policy
from ..settings.model import MODES
from . import containment, time_limit
from .action import Action, AdaptiveResponse, Parameter
from .any_alert import GROUPING
from .base import Context, Kind, Result, request_text
from .escalation import escalation
from .own_remediations import playbook_of
from .proving import indexed_at, unproved
from .registry import notifications
from .same_question import asked_elsewhere

RUN, UNDO = time_limit.RUN, time_limit.UNDO
#: In a request: which sweep asks. Only the sweep itself writes it, never an alert.
SWEPT = "swept"
#: Outcomes that are no success: a guardrail, a person or nobody's answer stands against it.
_NOT_DONE = ("refused", "rejected", "expired", "excused", "kept")


def run(context: Context) -> Result:
    """Plan, and where the mode allows it apply and verify, the playbook of the request."""
    guide = guides.find(_playbook(context))
    if guide is not None:
        return _by_hand(context, guide)
    handled = _handled(context)
    if handled:
        return Result(f"Remediation {handled} has dealt with all of these events.", NothingToDo())
    try:
        outcome = runner.run(_request(context), _ports(context))
    except ResponderError as error:
        if error.transient:
            time_limit.limit_what_was_made(context, _playbook(context))
        raise
    limited, follow_ups = time_limit.limited(context, outcome)
    result = _result(context, limited)
    return replace(result, follow_ups=(*result.follow_ups, *follow_ups, *containment.expected(context, outcome)))


def _by_hand(context: Context, guide: Guide) -> Result:
    """Once for what it is about: further events of the same ask for the same."""
    for task in context.siblings:
        outcome = task.outcome
        is_same = isinstance(outcome, Remediated) and outcome.status == "by_hand" and outcome.playbook == guide.id
        if is_same and task.kind == RUN and time_limit.has_same_target(context, task):
            return Result(f"Remediation {task.key} says what a person has to do.", NothingToDo())
    context.audit("remediation_by_hand", playbook=guide.id, message=guide.title)
    plan = guide.plan(context.finding)
    done = Outcome(guide.id, "", "by_hand", guide.message(), finished_at=context.clock(), instructions=plan)
    return _result(context, done)


def run_failed(context: Context, error: ResponderError) -> Result:
    """What ticket and thread report of a remediation that has not happened, or waits for a person."""
    outcome = runner.failed(_request(context), _ports(context), error, retried=_is_retried(context))
    outcome, follow_ups = time_limit.limited(context, outcome)
    reported = _report(context, outcome, is_urgent=isinstance(error, NeedsApproval) and error.is_urgent)
    return replace(reported, follow_ups=(*reported.follow_ups, *follow_ups))


def excused(context: Context, why: str) -> Result | None:
    """What ticket and thread report of a remediation that people were asked about before its case was excused."""
    if guides.find(_playbook(context)) is not None:
        return None
    outcome = runner.excused(_request(context), _ports(context), why)
    if outcome is None:
        return None
    outcome, follow_ups = time_limit.limited(context, outcome)
    result = _result(context, outcome)
    return replace(result, follow_ups=(*result.follow_ups, *follow_ups))


def undo(context: Context) -> Result:
    """Restore what an earlier remediation changed."""
    request, ports = _undo_request(context), _ports(context)
    if not time_limits.is_limit(context.task.request):
        return _undone(context, undoing.undo(request, ports))
    outcome = time_limit.take_back(context, request, ports, _policy(context))
    if isinstance(outcome, NothingToDo):
        return Result("It was taken back already.", outcome)
    return _undone(context, outcome)


def _undone(context: Context, outcome: Outcome) -> Result:
    result = _result(context, outcome)
    return replace(result, follow_ups=(*result.follow_ups, *containment.expected(context, outcome)))


def undo_plan(context: Context) -> UndoPlan:
    """What an undo of the context's task would do now. It only reads."""
    return undoing.plan(undoing.UndoRequest("", context.task.key, ""), _ports(context))


def plan(context: Context) -> RunPlan:
    """What the context's task would do now. It only reads. Raises as ``run``."""
    ports, asked = _ports(context), replace(_request(context), mode="simulate", is_first=True)
    outcome = runner.run(asked, only_reading(ports))
    account, safety = ports.account_for(context.finding.vendor_account), ports.safety()
    modes = [effective_mode(mode, safety, account, asked.playbook) for mode in ("enforce", "")]
    unsaid = RunPlan(outcome, *modes)
    if modes[0] == "simulate":
        return unsaid
    try:
        return replace(unsaid, unproved=ports.unproved())
    except RefusedByGuardrail as refusal:
        return replace(unsaid, contradicted=str(refusal))


def _policy(context: Context) -> Policy:
    return Policy.of(context.safety_now(), context.finding, *context.task.askers)


def undo_failed(context: Context, error: ResponderError) -> Result:
    """What ticket and thread report of an undo that has not happened, or waits for a person."""
    outcome = undoing.failed(_undo_request(context), _ports(context), error, retried=_is_retried(context))
    return _report(context, outcome)


def _handled(context: Context) -> str:
    """The task that has dealt with all events of this one, by the same playbook; empty when there is none.

    What a person has undone since stays undone: the same events are no reason to do it again.
    """
    wanted, events = _playbook(context), set(context.task.event_ids)
    for task in context.siblings:
        outcome = task.outcome
        if task.kind != RUN or task.state is not State.DONE or not isinstance(outcome, Remediated):
            continue
        is_ours = outcome.playbook == wanted and outcome.status in ("done", "already")
        if is_ours and events <= set(task.event_ids) and time_limit.has_same_target(context, task):
            return task.key
    return ""


def _playbook(context: Context) -> str:
    return request_text(context.request, "playbook") or context.finding.recommended_playbook


def _request(context: Context) -> Request:
    return Request(
        task=context.task.key,
        run=context.task.run,
        playbook=_playbook(context),
        mode=request_text(context.request, "mode"),
        finding=context.finding,
        # Evidence is written within a turn of the lane, and numbers are never given out again while a task is there.
        is_first=context.turn.number == 1,
        asked_at=context.task.requested,
    )


def _undo_request(context: Context) -> undoing.UndoRequest:
    request = context.task.request
    of, by = request_text(request, "of"), request_text(request, "by")
    return undoing.UndoRequest(context.task.key, of, by, asked_at=context.task.requested)


def _ports(context: Context) -> Ports:
    config = context.config
    accounts = Accounts(config, lambda entry: context.services.organization(entry, config.http))
    return Ports(
        documents=context.splunkd,
        account_for=accounts.account_for,
        accounts=config.aws_accounts,
        aws=lambda account: context.services.aws(account, config.http),
        safety=context.safety_now,
        safety_to_plan=context.safety_to_plan,
        audit=context.audit,
        before_send=context.check_turn,
        clock=context.clock,
        unproved=lambda: _unproved(context),
        policy=lambda: _policy(context),
        past=lambda asked, finding: _calls(context, asked, finding),
        known_accounts=lambda: accounts.known().union(known_accounts.read(context.splunkd, context.clock())),
        still_in_scope=accounts.check_still,
        unfinished=lambda: _unfinished(context),
        asked_elsewhere=lambda changes: asked_elsewhere(context, _playbook(context), changes, _policy(context)),
        playbook=lambda playbook_id: playbook_of(context, playbook_id),
    )


def _calls(context: Context, asked: PastCalls | ActorCalls, finding: Finding) -> Sequence[CloudTrailRecord]:
    """What CloudTrail has of earlier days, or of an actor, read with the system's rights."""
    if isinstance(asked, ActorCalls):
        return actor_calls.read(context.splunkd, finding, asked, context.clock())
    return past_calls.read(context.splunkd, finding, asked, context.clock())


def _unproved(context: Context) -> str:
    """What the sweep has seen rests on no record: AWS itself said so, and is asked again before each write."""
    return "" if context.task.request.get(SWEPT) else unproved(context, _playbook(context))


def _unfinished(context: Context) -> Collection[str]:
    """Remediations of the same run of the alert that are not at their end."""
    run = context.task.run
    found = together.of(context.splunkd).find(TASKS, "run", run, "_key,kind,open") if run else ()
    return [str(task["_key"]) for task in found if task.get("kind") == RUN and task.get("open")]


def _is_retried(context: Context) -> bool:
    """Whether it is tried again by itself."""
    return context.task.state is State.WAITING and context.task.waiting_for is not WaitingFor.APPROVAL


def _result(context: Context, outcome: Outcome) -> Result:
    state = State.REFUSED if outcome.status in _NOT_DONE else State.DONE
    return Result(outcome.message, _stored(context, outcome), state, _notifications(context, outcome))


def _report(context: Context, outcome: Outcome, is_urgent: bool = False) -> Result:
    return Result(outcome.message, _stored(context, outcome), follow_ups=_notifications(context, outcome, is_urgent))


def _notifications(context: Context, outcome: Outcome, is_urgent: bool = False) -> tuple[Task, ...]:
    told = notifications(
        context.task, context.turn.number, outcome.status, outcome.ask, config=context.config
    )
    if outcome.status != "still_waiting" and not (is_urgent and outcome.status == "waiting"):
        return told
    channel = context.config.safety.escalation_channel
    return (*told, *escalation(context.task, context.turn.number, outcome.status, outcome.ask, channel))


def _stored(context: Context, outcome: Outcome) -> Remediated:
    indexed = indexed_at(context)
    return Remediated(
        outcome.playbook,
        outcome.mode,
        outcome.status,
        outcome.message,
        outcome.changes,
        outcome.plan_digest,
        outcome.finished_at,
        outcome.instructions,
        outcome.ask,
        {**({"indexed": indexed} if indexed else {}), **outcome.stages},
        outcome.approved_by,
    )


def service(request: Mapping[str, Any], finding: Finding | None) -> str:
    """The AWS account."""
    return f"aws:{finding.vendor_account if finding else ''}"


def request(finding: Finding, parameters: Mapping[str, str]) -> TaskRequest | None:
    """None when no playbook is chosen and the finding recommends none. Raises ConfigurationError."""
    playbook, mode = parameters.get("playbook", ""), parameters.get("mode", "")
    if mode and mode not in MODES:
        raise ConfigurationError(
            f"Mode '{mode[:20]}' is not one of {', '.join(MODES)}.", "Correct it in the alert action."
        )
    if playbook and not re.fullmatch(r"[a-z][a-z0-9_]{2,63}", playbook):
        raise ConfigurationError(f"'{playbook[:40]}' is not the ID of a playbook.", "Correct it in the alert action.")
    if not (playbook or finding.recommended_playbook):
        return None
    if finding.row:
        _check_fields(playbook or finding.recommended_playbook, finding)
    return TaskRequest("remediate", RUN, {"playbook": playbook, "mode": mode})


def _check_fields(playbook_id: str, finding: Finding) -> None:
    """Raises InvalidFinding where the row of somebody's own alert lacks what a playbook acts on.

    It says so at once and of the row: the alert's author can add it to the search. A playbook that there is none of is
    left to the run, which names those that there are.
    """
    known = {playbook.id: playbook for playbook in registry.every()}
    playbook = known.get(playbook_id)
    if playbook is None:
        return
    missing = playbook.missing(finding)
    if not missing:
        return
    found = [name for name in _TO_ACT_ON if getattr(finding, name)]
    places = "; ".join(f"{name} from {' or '.join(sources.names_of(name))}" for name in missing)
    raise InvalidFinding(
        f"Playbook {playbook_id} needs {', '.join(missing)}, which the result lacks; it has "
        f"{', '.join(found) or 'none of the fields that playbooks read'}.",
        f"Add to the search: {places}.",
    )


#: Fields of a finding that a playbook may act on, in the order in which people look for them.
_TO_ACT_ON = (
    "vendor_account", "vendor_region", "object_category", "object_id", "access_key_id", "user_arn", "user",
    "event_ids", "detail",
)  # fmt: skip
PARAMETERS = (
    Parameter(
        "playbook",
        "Playbook",
        "ID of a playbook, as in deactivate_access_key. Leave empty for the one that the finding recommends. "
        "Results of your own search must name the account and what to act on, such as a key or bucket.",
        offered="playbooks",
    ),
    Parameter(
        "mode",
        "Mode",
        "It can only lower what the Safety tab allows. Simulate reports the changes, Approve waits for a person, "
        "Enforce makes them.",
        (
            ("", "As set on the Safety tab"),
            ("simulate", "Simulate"),
            ("approve", "Approve"),
            ("enforce", "Enforce"),
        ),
    ),
    *GROUPING,
)
ACTION = Action(
    "remediate",
    "Remediate in AWS",
    "Runs a playbook that corrects in AWS what the finding reports, within the limits of the Safety tab.",
    PARAMETERS,
    AdaptiveResponse(
        ("block", "update"),
        ("process.directory-service", "network.firewall"),
        ("Permissions Control", "Device Control"),
        "Amazon",
        "AWS",
    ),
    "step=planned OR step=change_applied OR step=verified OR step=undone OR step=remediation_*",
    request,
)
KINDS = (
    Kind(
        RUN, "remediate", run, on_failure=run_failed, on_excuse=excused, service=service, claims_first=True,
        is_requested=True, wakes_alike=True,
    ),  # fmt: skip
    Kind(UNDO, "remediate", undo, on_failure=undo_failed, service=service, claims_first=True),
)
