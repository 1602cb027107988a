"""Remediate in AWS: plan, guard, save the evidence, apply, verify; and take it back.

The evidence lives in a collection that only the system may write: what will be done in AWS must not be
forgeable by whoever may record tasks.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ..aws.client import Aws
from ..cases.tasks import Task
from ..errors import NotFound, RefusedByGuardrail, Rejected, ResponderError, Unavailable
from ..remediation import guardrails, registry
from ..remediation.playbook import Change, Playbook, Verification
from ..settings.model import MODES, AwsAccount
from ..splunk.client import Splunkd
from .base import Context, Result

EVIDENCE = "responder_evidence"
#: Whom AWS sees when we act: searches pass over what they do, and raise what our audit trail does not know of.
OWN_PRINCIPALS = "responder_own_principals"


@dataclass
class Evidence:
    """A plan as it was first made, before anything was touched, and what was read back after each change."""

    task: str
    playbook: str
    mode: str
    changes: Tuple[Change, ...]
    #: By position of the change.
    verifications: Dict[int, Verification] = field(default_factory=dict)

    def to_document(self) -> Dict[str, Any]:
        return {
            "_key": self.task,
            "case_id": self.task.partition(".")[0],
            "playbook": self.playbook,
            "mode": self.mode,
            "changes": json.dumps([c.to_dict() for c in self.changes], default=str),
            "verifications": json.dumps({i: vars(v) for i, v in self.verifications.items()}, default=str),
        }

    @classmethod
    def load(cls, splunkd: Splunkd, task_key: str) -> Optional[Evidence]:
        document = splunkd.fetch(EVIDENCE, task_key)
        if document is None:
            return None
        return cls(
            task=task_key,
            playbook=document["playbook"],
            mode=document["mode"],
            changes=tuple(Change.from_dict(c) for c in json.loads(document["changes"])),
            verifications={int(i): Verification(**v) for i, v in json.loads(document["verifications"]).items()},
        )

    def report(self) -> List[Dict[str, Any]]:
        """The changes with what was read back, as plain data for tickets and messages."""
        changes: List[Dict[str, Any]] = json.loads(json.dumps([c.to_dict() for c in self.changes], default=str))
        for position, seen in self.verifications.items():
            changes[position]["verification"] = {"ok": seen.ok, "observed": seen.observed}
        return changes


def run(context: Context) -> Result:
    """Plan, and in enforce mode apply and verify, the playbook of the request."""
    playbook = registry.get(str(context.task.request["playbook"]))
    try:
        return _run(context, playbook)
    except RefusedByGuardrail as refusal:
        evidence = Evidence.load(context.splunkd, context.task.key) or _nothing(context, playbook)
        return _ended(context, evidence, "refused", f"{playbook.title}: {refusal}")
    except NotFound as gone:
        known = Evidence.load(context.splunkd, context.task.key)
        if known and any(seen.ok for seen in known.verifications.values()):
            return _ended(context, known, "done", f"{playbook.title}: done but for this: {gone}")
        return _ended(context, _nothing(context, playbook), "already", f"{playbook.title}: {gone}")


def _nothing(context: Context, playbook: Playbook) -> Evidence:
    mode = str(context.task.request.get("mode") or context.config.safety.default_mode)
    return Evidence(context.task.key, playbook.id, mode, ())


def _run(context: Context, playbook: Playbook) -> Result:
    account = context.config.aws_account_for(context.finding.vendor_account)
    aws = context.services.aws(account, context.config.http)
    evidence = Evidence.load(context.splunkd, context.task.key) or _plan(context, playbook, aws)
    if not evidence.changes:
        return _ended(context, evidence, "already", f"{playbook.title}: nothing to do, the state is already right.")
    if evidence.mode != "enforce":
        return _simulated(context, playbook, account, aws, evidence)
    _guard(context, playbook, account, aws, evidence)
    for position, change in enumerate(evidence.changes):
        if position not in evidence.verifications or not evidence.verifications[position].ok:
            _check(context, playbook, account, aws, evidence)
            _apply(context, playbook, aws, evidence, position, change)
    return _ended(context, evidence, "done", " ".join(change.summary for change in evidence.changes))


def _plan(context: Context, playbook: Playbook, aws: Aws) -> Evidence:
    safety = context.config.safety
    mode = str(context.task.request.get("mode") or safety.default_mode)
    if mode not in MODES:
        raise Rejected(f"Mode '{mode[:20]}' is not one of {', '.join(MODES)}.", "Correct the alert action's mode.")
    changes = tuple(playbook.plan(context.finding, aws, safety))
    evidence = Evidence(context.task.key, playbook.id, mode, changes)
    if not context.splunkd.insert(EVIDENCE, evidence.to_document()):
        # An attempt that was overtaken planned first: its picture of the state before is the true one.
        first = Evidence.load(context.splunkd, context.task.key)
        if first is not None:
            return first
    for change in changes:
        context.audit("planned", **_about(playbook, mode, change), message=change.summary)
    return evidence


def _simulated(context: Context, playbook: Playbook, account: AwsAccount, aws: Aws, evidence: Evidence) -> Result:
    said = "Simulated: would " + " And would ".join(_lower(change.summary) for change in evidence.changes)
    try:
        _check(context, playbook, account, aws, evidence)
    except RefusedByGuardrail as refusal:
        said += f" But a guardrail would refuse it: {refusal.message}"
    return _ended(context, evidence, "simulated", said)


def _guard(context: Context, playbook: Playbook, account: AwsAccount, aws: Aws, evidence: Evidence) -> None:
    """Every guardrail, before the first change and for all of them: half a remediation is worse than none."""
    _check_mode(context)
    _check(context, playbook, account, aws, evidence)
    context.reserve(
        context.task.run, context.task.key, len(evidence.changes), context.config.safety.max_changes_per_run
    )
    aws.assert_account()
    _make_known(context, aws)


def _check(context: Context, playbook: Playbook, account: AwsAccount, aws: Aws, evidence: Evidence) -> None:
    safety = context.safety_now()
    for change in evidence.changes:
        guardrails.check(change, playbook, safety, account, aws.identity(), 0)


def _check_mode(context: Context) -> None:
    if not context.task.request.get("mode") and context.safety_now().default_mode == "simulate":
        raise RefusedByGuardrail(
            "The default mode was enforce when this was planned and is simulate now.",
            "Choose the mode enforce in the alert action if it shall be done all the same.",
        )


def _make_known(context: Context, aws: Aws) -> None:
    """Enter ourselves in the lookup before the first write: a search may see it within minutes."""
    who = aws.identity()
    for principal in dict.fromkeys((who.arn, *who.selves)):
        key = hashlib.sha256(principal.encode()).hexdigest()[:32]
        document = {"_key": key, "own_principal": principal, "account_id": who.account, "since": context.clock()}
        context.splunkd.insert(OWN_PRINCIPALS, document)


def _apply(context: Context, playbook: Playbook, aws: Aws, evidence: Evidence, position: int, change: Change) -> None:
    context.check_time()
    # First of all: what is begun can be undone, even where no attempt comes to read it back.
    evidence.verifications[position] = Verification(False, "Begun, not read back yet.")
    context.splunkd.replace(EVIDENCE, evidence.task, evidence.to_document())
    playbook.apply(change, aws)
    about = _about(playbook, evidence.mode, change)
    context.audit("change_applied", **about, responder_arn=aws.identity().arn, message=change.summary)
    seen = playbook.verify(change, aws)
    evidence.verifications[position] = seen
    context.splunkd.replace(EVIDENCE, evidence.task, evidence.to_document())
    context.audit(
        "verified",
        "success" if seen.ok else "failure",
        **_about(playbook, evidence.mode, change),
        message=seen.observed,
    )
    if not seen.ok:
        raise Unavailable(
            f"{playbook.title}: {change.resource} was changed, but reading it back says: {seen.observed}",
            "The worker looks again; if it stays, look at the resource in AWS.",
        )


def undo(context: Context) -> Result:
    """Restore the state that the evidence of an earlier remediation remembers, last change first."""
    of = str(context.task.request["of"])
    evidence = Evidence.load(context.splunkd, of)
    if evidence is None or evidence.mode != "enforce" or not evidence.verifications:
        raise NotFound(f"Task {of} changed nothing in AWS, so there is nothing to undo.")
    playbook = registry.get(evidence.playbook)
    if not playbook.undoable:
        raise Rejected(f"{playbook.title} cannot be undone.", "See its page in docs/playbooks for what to do by hand.")
    account = context.config.aws_account_for(evidence.changes[0].account)
    aws = context.services.aws(account, context.config.http)
    _check(context, playbook, account, aws, evidence)
    aws.assert_account()
    _make_known(context, aws)
    for position, change in reversed(list(enumerate(evidence.changes))):
        if position in evidence.verifications:
            context.check_time()
            _check(context, playbook, account, aws, evidence)
            playbook.undo(change, aws)
            seen = playbook.verify_undone(change, aws)
            evidence.verifications[position] = seen
            context.audit(
                "undone",
                "success" if seen.ok else "failure",
                **_about(playbook, "undo", change),
                responder_arn=aws.identity().arn,
                message=seen.observed,
            )
            if not seen.ok:
                raise Unavailable(f"{playbook.title}: undo of {change.resource} does not show yet: {seen.observed}")
    by = str(context.task.request.get("by") or "somebody")
    return _ended(context, evidence, "undone", f"{playbook.title}: undone by {by}, the former state is restored.")


def _ended(context: Context, evidence: Evidence, status: str, message: str) -> Result:
    outcome = {
        "playbook": evidence.playbook,
        "mode": evidence.mode,
        "status": status,
        "message": message,
        "changes": evidence.report(),
        "finished_at": context.clock(),
    }
    context.audit(
        f"remediation_{status}", playbook=evidence.playbook, mode=evidence.mode, message=message, change_type="AWS"
    )
    return Result("refused" if status == "refused" else "done", message, outcome, notes(context.task, status))


def failed(context: Context, error: ResponderError) -> Result:
    """Tell ticket and thread that a remediation has not happened and what it waits for."""
    playbook = str(context.task.request["playbook"])
    retried = "" if context.task.final else " It is tried again."
    outcome = {
        "playbook": playbook,
        "mode": str(context.task.request.get("mode") or context.config.safety.default_mode),
        "status": "failed",
        "message": f"{error}{retried}",
        "changes": [],
        "finished_at": context.clock(),
    }
    return Result(context.task.state, str(error), outcome, notes(context.task, "failed"))


def notes(task: Task, status: str) -> Tuple[Task, ...]:
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


def _about(playbook: Playbook, mode: str, change: Change) -> Mapping[str, Any]:
    return {
        "playbook": playbook.id,
        "mode": mode,
        "resource": change.resource,
        "resource_type": change.resource_type,
        "region": change.region,
        "change_type": "AWS",
        # The key of CloudTrail's record of the change: operations as in boto3.
        "calls": [call.operation for call in (change.undo_calls if mode == "undo" else change.calls)],
        "before": dict(change.before),
        "after": dict(change.after),
    }


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
