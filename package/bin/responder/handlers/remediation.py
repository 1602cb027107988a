"""Tasks that remediate in AWS, and that take a remediation back, handed over to ``responder.remediation``."""

from __future__ import annotations

import hashlib

from ..cases.tasks import Task
from ..errors import ResponderError
from ..remediation import runner
from ..remediation import undo as undoing
from ..remediation.outcome import Outcome
from ..remediation.ports import Ports, Request
from .base import Context, Result


def run(context: Context) -> Result:
    """Plan, and where the mode allows it apply and verify, the playbook of the request."""
    return _result(context, runner.run(_request(context), _ports(context)))


def failed(context: Context, error: ResponderError) -> Result:
    """What ticket and thread learn of a remediation that has not happened, or waits for a person."""
    outcome = runner.failed(_request(context), _ports(context), error, retried=error.transient)
    return Result(context.task.state, str(error), outcome.to_dict(), notes(context.task, outcome.status))


def undo(context: Context) -> Result:
    """Restore what an earlier remediation changed."""
    return _result(context, undoing.undo(_undo_request(context), _ports(context)))


def undo_failed(context: Context, error: ResponderError) -> Result:
    """What ticket and thread learn of an undo that has not happened, or waits for a person."""
    outcome = undoing.failed(_undo_request(context), _ports(context), error, retried=error.transient)
    return Result(context.task.state, str(error), outcome.to_dict(), notes(context.task, outcome.status))


def _request(context: Context) -> Request:
    asked = context.task.request
    return Request(
        task=context.task.key,
        run=context.task.run,
        playbook=str(asked.get("playbook") or ""),
        mode=str(asked.get("mode") or ""),
        finding=context.finding,
    )


def _undo_request(context: Context) -> undoing.UndoRequest:
    asked = context.task.request
    return undoing.UndoRequest(context.task.key, of=str(asked.get("of") or ""), by=str(asked.get("by") or ""))


def _ports(context: Context) -> Ports:
    config = context.config
    return Ports(
        documents=context.splunkd,
        account_for=config.aws_account_for,
        accounts=config.aws_accounts,
        aws=lambda account: context.services.aws(account, config.http),
        safety=context.safety_now,
        audit=context.audit,
        before_send=context.check_time,
        clock=context.clock,
    )


def _result(context: Context, outcome: Outcome) -> Result:
    state = "refused" if outcome.status in ("refused", "rejected") else "done"
    return Result(state, outcome.message, outcome.to_dict(), notes(context.task, outcome.status))


def notes(task: Task, status: str) -> tuple[Task, ...]:
    """Tasks that tell ticket and thread what became of a remediation; they skip themselves where there is none."""
    name = hashlib.sha256(f"{task.key}:{status}".encode()).hexdigest()[:12]
    return tuple(
        Task(
            key=f"{task.case_id}.{family}_note.{name}",
            case_id=task.case_id,
            kind=f"{family}.note",
            request={"about": task.key, "status": status},
            owner=task.owner,
            run=task.run,
        )
        for family in ("ticket", "slack")
    )
