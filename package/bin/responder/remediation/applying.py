"""Carries out what was decided: each write on facts read right before it, with its evidence, and read back.

What became of the writes of an earlier attempt is found out here, too. Whether anything may be done, and whether
somebody has to be asked, is ``runner``'s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..errors import ResponderError, Unavailable, UnknownOutcome
from .acting import Acting
from .evidence import Entry, Evidence, EvidenceStore
from .model import Change, Observation, Step
from .outcome import audit_fields
from .unfinished import Unfinished

_ANEW = "It is planned again."


class Applying:
    """``mode``: as it is audited; ``audit``: as in ``Ports``."""

    def __init__(
        self, acting: Acting, store: EvidenceStore, evidence: Evidence, mode: str, audit: Callable[..., None]
    ) -> None:
        self._acting = acting
        self._playbook = acting.playbook
        self._store = store
        self._evidence = evidence
        self._mode = mode
        self._audit = audit

    def find_out(self, left_out: Unfinished) -> None:
        """What became of writes whose answer was lost, or whose process died before it wrote it down."""
        for target in dict.fromkeys(entry.intended.resource.target for entry in self._evidence.open):
            with left_out.part():
                self.settle(self._evidence.open, self._acting.read(target))

    def settle(self, entries: Sequence[Entry], seen: Observation) -> None:
        """Write down what a state tells of writes to its resource."""
        for entry in entries:
            was_open = entry.is_open
            if entry.intended.resource.target == seen.resource.target:
                self._acting.settle(entry, seen, self._store)
            if was_open and entry.is_unknown:
                steps = [entry.intended.step]
                fields = audit_fields(self._playbook, self._mode, entry.intended.resource, steps)
                self._audit("change_applied", "failure", **fields, outcome="unknown")

    def apply(self, change: Change) -> None:
        made: list[Entry] = []
        who = ""
        try:
            for step in change.steps:
                entry, by = self._make(change, step)
                made += [entry] if entry else []
                who = by or who
        finally:
            steps = [entry.intended.step for entry in made]
            if steps:
                fields = audit_fields(self._playbook, self._mode, change.resource, steps)
                summary = self._playbook.summary(change.resource, steps)
                self._audit("change_applied", **fields, responder_arn=who, message=summary)
        self._verify(change, made)

    def _make(self, change: Change, step: Step) -> tuple[Entry | None, str]:
        """One write, on facts read right before it, and by whom. None when somebody else has done it meanwhile."""
        seen = self._acting.read_for_write(change.resource.target)
        self._acting.guard(seen.resource, (step.call,))
        playbook = self._playbook.of(seen.resource)
        now, same = seen.state.get(step.aspect), playbook.same
        if change.resource.is_another(seen.resource):
            raise Unavailable(f"{change.resource.id} was deleted and made anew since it was planned.", _ANEW, 0)
        is_so = same(step.aspect, now, step.after)
        if is_so and (playbook.shows(step.aspect) or self._has_written(change, step)):
            return None, ""
        if not is_so and not same(step.aspect, now, step.before):
            raise Unavailable(f"{change.resource.id} has changed since it was planned.", _ANEW, 0)
        call = playbook.ready(step, seen)
        # What is not believed was not so before the write either.
        entry = self._store.intend(self._playbook.id, seen.resource, step, step.before if is_so else now)
        self._evidence.entries.append(entry)
        try:
            written = self._acting.write(call, seen.resource, playbook.skips, entry.intended.key)
        except UnknownOutcome:
            raise
        except ResponderError:
            # AWS refused it, or nothing was sent.
            self._store.conclude(entry, "not_done")
            raise
        # With what is read back, or before it is waited for. A process that dies before leaves the write open, as one
        # that dies right after it: the state tells, then.
        if written is None:
            self._store.conclude(entry, "not_done", later=True)
            return None, ""
        made = {"request_id": written.request_id, "account": written.by.account}
        self._store.conclude(entry, "done", written.made or None, later=True, **made)
        return entry, written.by.arn

    def _has_written(self, change: Change, step: Step) -> bool:
        target = change.resource.target
        return any(
            entry.intended.resource.target == target and entry.intended.step.aspect == step.aspect
            for entry in self._evidence.made
        )

    def _verify(self, change: Change, made: list[Entry]) -> None:
        wanted = [(step.aspect, step.after) for step in change.steps]
        seen = self._acting.read_back(change.resource, wanted, before_waiting=self._store.flush)
        for entry in made:
            self._store.leave(entry, seen.state.get(entry.intended.step.aspect), seen.ok, seen.observed, later=True)
        # AWS may have shown an old state before: only now it is clear that a lost write had its effect.
        self.settle(self._evidence.open, Observation(change.resource, seen.state))
        self._store.flush()
        fields = audit_fields(self._playbook, self._mode, change.resource, change.steps)
        self._audit("verified", "success" if seen.ok else "failure", **fields, message=seen.observed)
        if not seen.ok:
            raise Unavailable(
                f"{self._playbook.title}: {change.resource.id} was changed, but AWS does not show it: {seen.observed}",
                "It is read again; if this persists, look at the resource in AWS.",
            )
