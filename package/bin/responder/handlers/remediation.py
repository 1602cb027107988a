"""Remediations in AWS and their undo: ``responder.remediation`` does it, this hands it over.

Nothing is looked up by the engine here: every attempt reads the evidence and the state in AWS first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from ..cases.outcomes import NothingToDo, Remediated
from ..cases.recording import TaskRequest
from ..cases.states import State, WaitingFor
from ..cases.task import TASKS, Task
from ..errors import ConfigurationError, ResponderError
from ..findings.finding import Finding
from ..remediation import runner, together
from ..remediation import undo as undoing
from ..remediation.outcome import Outcome
from ..remediation.ports import Ports, Request
from ..settings.model import MODES
from .action import Action, AdaptiveResponse, Parameter
from .base import Context, Kind, Result, request_text
from .proving import unproved
from .registry import notifications

RUN, UNDO = "remediation.run", "remediation.undo"


def run(context: Context) -> Result:
    """Plan, and where the mode allows it apply and verify, the playbook of the request."""
    handled = _handled(context)
    if handled:
        return Result(f"Remediation {handled} has dealt with all of these events.", NothingToDo())
    return _result(context, runner.run(_request(context), _ports(context)))


def run_failed(context: Context, error: ResponderError) -> Result:
    """What ticket and thread report of a remediation that has not happened, or waits for a person."""
    return _report(context, runner.failed(_request(context), _ports(context), error, retried=_is_retried(context)))


def undo(context: Context) -> Result:
    """Restore what an earlier remediation changed."""
    return _result(context, undoing.undo(_undo_request(context), _ports(context)))


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
        if is_ours and events <= set(task.event_ids) and _has_same_target(context, task):
            return task.key
    return ""


def _has_same_target(context: Context, task: Task) -> bool:
    """Whether it was about the same resource and principal: events alone do not say so, and others may list them."""
    whole = task if task.finding is not None else context.store.get(task.key)
    return whole is not None and whole.finding is not None and whole.finding.target == context.finding.target


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
    )


def _undo_request(context: Context) -> undoing.UndoRequest:
    request = context.task.request
    return undoing.UndoRequest(context.task.key, of=request_text(request, "of"), by=request_text(request, "by"))


def _ports(context: Context) -> Ports:
    config = context.config
    return Ports(
        documents=context.splunkd,
        account_for=config.aws_account_for,
        accounts=config.aws_accounts,
        aws=lambda account: context.services.aws(account, config.http),
        safety=context.safety_now,
        audit=context.audit,
        before_send=context.check_turn,
        clock=context.clock,
        unproved=lambda: unproved(context, _playbook(context)),
        unfinished=lambda: _unfinished(context),
    )


def _unfinished(context: Context) -> Collection[str]:
    """Remediations of the same run of the alert that are not at their end."""
    run = context.task.run
    found = together.of(context.splunkd).find(TASKS, "run", run, "_key,kind,open") if run else ()
    return [str(task["_key"]) for task in found if task.get("kind") == RUN and task.get("open")]


def _is_retried(context: Context) -> bool:
    """Whether it is tried again by itself."""
    return context.task.state is State.WAITING and context.task.waiting_for is not WaitingFor.APPROVAL


def _result(context: Context, outcome: Outcome) -> Result:
    state = State.REFUSED if outcome.status in ("refused", "rejected") else State.DONE
    return Result(outcome.message, _stored(outcome), state, _notifications(context, outcome))


def _report(context: Context, outcome: Outcome) -> Result:
    return Result(outcome.message, _stored(outcome), follow_ups=_notifications(context, outcome))


def _notifications(context: Context, outcome: Outcome) -> tuple[Task, ...]:
    return notifications(context.task, context.turn.number, outcome.status, outcome.plan_digest)


def _stored(outcome: Outcome) -> Remediated:
    return Remediated(
        outcome.playbook,
        outcome.mode,
        outcome.status,
        outcome.message,
        outcome.changes,
        outcome.plan_digest,
        outcome.finished_at,
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
    return TaskRequest("remediate", RUN, {"playbook": playbook, "mode": mode})


PARAMETERS = (
    Parameter(
        "playbook",
        "Playbook",
        "ID of a playbook. Leave empty for the playbook that the finding recommends.",
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
)
ACTION = Action(
    "remediate",
    "Remediate in AWS",
    "Runs a playbook that corrects in AWS what the finding reports, within the limits of the Safety tab.",
    PARAMETERS,
    AdaptiveResponse("remediate", "cloud", "Device Control", "Amazon", "AWS"),
    "step=planned OR step=change_applied OR step=verified OR step=undone OR step=remediation_*",
    request,
)
KINDS = (
    Kind(RUN, "remediate", run, on_failure=run_failed, service=service, claims_first=True),
    Kind(UNDO, "remediate", undo, on_failure=undo_failed, service=service, claims_first=True),
)
