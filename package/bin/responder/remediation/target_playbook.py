"""A company's own remediation as a playbook: a target of the Dispatch tab that an administrator has marked as one.

It is about the finding's resource, so account, region, resource and principal are those that guardrails, ceilings and
proof look at; what it does there is the target's own affair. Only fields that the proof compares reach the target.
"Changed" is that it has run: the status of the execution where AWS keeps one (Step Functions, Systems Manager), else
the answer (Lambda), which the evidence remembers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from ..aws.dispatch.base import LIMIT, TEMPLATE, Message, Sent
from ..aws.dispatch.registry import dispatcher_of
from ..documents import cloudevents, dispatched
from ..documents.document import clean, shorten
from ..errors import InvalidFinding, Rejected, Waiting
from ..findings.finding import Finding
from .model import Call, Observation, Resource, Step, Target
from .permission import Permission
from .playbook import Playbook

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..settings.dispatch_target import DispatchTarget
    from ..settings.model import Safety

#: What the id of such a playbook begins with; the target's name follows.
PREFIX = "run_"
#: How it has ended, where it has succeeded, and while it runs.
SUCCEEDED, RUNNING = "succeeded", "running"
#: What a target is told of a finding: what its records prove, and by which case and detection it came.
TOLD = (
    "signature_id", "severity", "dedup_key", "vendor_account", "vendor_region", "user", "user_arn", "access_key_id",
    "object_category", "object_id", "event_ids",
)  # fmt: skip
#: Characters of a payload that people are shown.
_SHOWN = 600


class RunTarget(Playbook):
    """Runs a target that your company has named, and waits for how it ends."""

    required_fields = ("vendor_account",)
    detail_note = "nothing"
    services = ()
    risk = "high"
    risk_note = "What it changes is decided by the target; the app cannot tell."

    def __init__(
        self,
        target: DispatchTarget,
        undo_target: DispatchTarget | None,
        finding: Finding,
        aws: Callable[[DispatchTarget], Aws],
    ) -> None:
        """``aws``: what calls a target. Raises ConfigurationError for a target that cannot be used."""
        self.id = f"{PREFIX}{target.name}"
        self.title = f"Run {target.name}"
        self._target, self._undo_target = target, undo_target
        self._dispatcher = dispatcher_of(target)
        if undo_target:
            dispatcher_of(undo_target)
        self._finding = finding
        self._aws = aws
        self.permissions = tuple(Permission(action, arn) for action, arn in self._dispatcher.granted(target))
        self.undoable = undo_target is not None
        self.undo_note = self.undo_by(undo_target)
        self._aspect = f"run of {target.name}"
        #: The same for the same events: an execution is named by it, and whoever gets it twice can tell. Of a finding
        #: without events, its times tell one occurrence from the next.
        times = [str(finding.first_time), str(finding.last_time), finding.batch]
        told = [target.name, finding.dedup_key, sorted(finding.event_ids) or times]
        news = json.dumps(told).encode("utf-8", "replace")
        self._run_id = f"{finding.case_id}-run-{hashlib.sha256(news).hexdigest()[:16]}"
        self._undo_id = f"{self._run_id}-undo"
        #: How runs have ended of which AWS keeps nothing, by id.
        self._known: dict[str, Any] = {}

    @staticmethod
    def undo_by(undo_target: DispatchTarget | None) -> str:
        return f"Runs {undo_target.name}." if undo_target else "A person has to take it back."

    # What it is about

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        subject = finding.object_id or finding.access_key_id or finding.user_arn
        if not subject:
            raise InvalidFinding(
                f"Playbook {self.id} needs object_id, access_key_id or user_arn.", "Add one to the search's results."
            )
        return [Target(subject, finding.vendor_region)]

    def read(self, target: Target, aws: Aws) -> Observation:
        about = self._finding
        principals = tuple(filter(None, (about.user_arn, about.access_key_id)))
        resource = Resource(
            target.id, about.object_category, about.vendor_account, target.region, principals=principals
        )
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        ended = self._ended(self._target, self._run_id)
        undone = self._ended(self._undo_target, self._undo_id) if self._undo_target else None
        if undone == SUCCEEDED or ended is None:
            return {}
        return {self._aspect: f"undo {undone}" if undone else ended}

    def remember(self, states: Mapping[str, Any]) -> None:
        if not self._dispatcher.can_look_up and self._aspect in states:
            self._known.setdefault(self._run_id, states[self._aspect])

    def _ended(self, target: DispatchTarget, run_id: str) -> str | None:
        """``SUCCEEDED``, ``RUNNING`` or how it has failed; None where it was not run."""
        dispatcher = dispatcher_of(target)
        if not dispatcher.can_look_up:
            return self._known.get(run_id)
        found = dispatcher.find(self._aws(target), target, run_id)
        if found is None:
            return None
        if found.status in dispatcher.succeeded:
            return SUCCEEDED
        return RUNNING if found.status in dispatcher.running else _failed(found)

    # What is called

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        ended = seen.state.get(self._aspect)
        if ended is None:
            undo = self._call(self._undo_target, self._undo_id) if self._undo_target else None
            return [Step(self._aspect, None, SUCCEEDED, self._call(self._target, self._run_id), undo)]
        if ended == SUCCEEDED:
            return ()
        if ended.endswith(RUNNING):
            raise Waiting(f"{self.title}: it is still running.", "Its status is read again.")
        raise Rejected(
            f"{self.title}: {ended}", "Look at it in AWS; for the same finding it is not started again by itself."
        )

    def _call(self, target: DispatchTarget, run_id: str) -> Call:
        dispatcher = dispatcher_of(target)
        message = Message(run_id, self._finding.case_id, self._body(target, run_id))
        dispatcher.check_size(target, message)
        made = dispatcher.call(self._aws(target), _waiting(target), message)
        return Call(dispatcher.service, made.operation, made.parameters)

    def _body(self, target: DispatchTarget, run_id: str) -> Mapping[str, Any] | str:
        told = asdict(self._finding)
        proved = {name: told[name] for name in TOLD}
        if target.message == TEMPLATE:
            known = Finding(**{"signature": self._finding.signature_id, **proved})
            return dispatched.from_template(dispatcher_of(target).template(target), known, {})
        source, data = f"/cloudtrail_responder/{target.name}", {"case": self._finding.case_id, "finding": proved}
        at, case = self._finding.last_time, self._finding.case_id
        return cloudevents.event("remediation.run", run_id, source, at, case, data, LIMIT // 2)

    def sender(self, call: Call, aws: Aws, resource: Resource) -> tuple[Aws, str]:
        target = self._target_of(call)
        found = self._aws(target)
        found.assert_account()
        return found, target.region

    def answered(self, call: Call, answer: Mapping[str, Any]) -> bool:
        target = self._target_of(call)
        run_id = self._run_id if target is self._target else self._undo_id
        dispatcher = dispatcher_of(target)
        try:
            sent = dispatcher.answered(answer)
        except Rejected as error:
            # It was run, whatever came of it.
            self._known[run_id] = f"failed: {error.message}"
        else:
            self._known[run_id] = SUCCEEDED if sent.status in dispatcher.succeeded else _failed(sent)
        return True

    def _target_of(self, call: Call) -> DispatchTarget:
        """Whom a call is for: an undo has an id of its own. What else is in a call, the finding may have chosen."""
        undo = self._undo_target
        if undo is None or dispatcher_of(undo).service != call.service:
            return self._target
        return undo if dispatcher_of(undo).id_in(call.parameters) == self._undo_id else self._target

    # For people

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        given = steps[0].call.parameters if steps else {}
        payload = given.get("Payload") or given.get("input") or json.dumps(given.get("Parameters") or {})
        return (
            f"Run {self._dispatcher.label} {self._target.arn} about {resource.id}, with "
            f"{shorten(clean(str(payload)), _SHOWN)}"
        )

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"{self._target.name}: {state.get(self._aspect) or 'not run'}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        return (f"What {self._target.name} changes is decided by it; the app cannot tell.",)


def _waiting(target: DispatchTarget) -> DispatchTarget:
    """An answer is what tells how a function has ended."""
    return replace(target, waits=True)


def _failed(sent: Sent) -> str:
    return f"failed: {sent.status or 'no status'} {sent.answer}".strip()
