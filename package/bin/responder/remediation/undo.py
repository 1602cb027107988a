"""Takes a remediation back: what the evidence says was done, and only where the state still is as we left it.

Where it is not, or where nobody knows whether we or somebody else did it, nothing is touched: a person is asked, who
reads what has changed since and, if CloudTrail's event history has it, by whom.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..at_work import at_work
from ..errors import HeldBack, NeedsApproval, NotFound, RefusedByGuardrail, Rejected, ResponderError, Unavailable
from .acting import Acting, Written
from .asking import Asking
from .drift import Drift
from .evidence import Entry, Evidence, EvidenceStore
from .model import Call, Change, Observation, Step, Target
from .newer import newer_changes
from .outcome import ANSWERED, Outcome, audit_fields, report, titled
from .playbook import Playbook
from .ports import Ports
from .previews import UndoPlan, only_reading
from .unfinished import ByHand, Unfinished
from .verdicts import Verdict


@dataclass(frozen=True)
class UndoRequest:
    #: Key of the undo's own task: its plan and approvals are kept under it.
    task: str
    #: Key of the remediation that is taken back.
    of: str
    #: Splunk user who asks for it.
    by: str
    #: When it was asked for last.
    asked_at: float = 0.0
    #: Whether it comes of a time limit: then a guardrail only puts it off, and a newer change is left alone.
    is_limit: bool = False
    #: Called once nothing forbids it, before anything is restored; raises to stop it.
    before: Callable[[], None] = lambda: None


def undo(request: UndoRequest, ports: Ports) -> Outcome:
    """Restore what a remediation changed, last write first. Asking again continues.

    Raises NotFound when there is nothing to restore, NeedsApproval where a person has to decide, else a ResponderError.
    """
    with at_work():
        return _Undo(request, ports).outcome()


def plan(request: UndoRequest, ports: Ports) -> UndoPlan:
    """What ``undo`` would do now, and what stands against it. It only reads. Raises as ``undo``, save NeedsApproval."""
    with at_work():
        return _Undo(request, only_reading(ports)).plan()


def failed(request: UndoRequest, ports: Ports, error: ResponderError, retried: bool) -> Outcome:
    """The outcome of an undo that ended, or waits, with an error."""
    message = f"{error} It is tried again." if retried else str(error)
    try:
        own = EvidenceStore(ports.documents, request.task, ports.clock)
        asked = own.load() if isinstance(error, NeedsApproval) else Evidence(request.task)
        plan = asked.plan
        if plan is not None:
            found = ports.playbook(plan.playbook)
            earlier = _taken_back(EvidenceStore(ports.documents, request.of, ports.clock).load().entries)
            changes = (*_ways_back(found, earlier, True), *report(found, (), plan.changes))
            is_half_over = Asking(request.task, request.asked_at, ports, own, asked).is_half_over()
            status, now = "still_waiting" if is_half_over else "waiting", ports.clock()
            return Outcome(plan.playbook, "undo", status, message, changes, plan.digest, now, ask=plan.ask)
        entries = EvidenceStore(ports.documents, request.of, ports.clock).load().entries
        playbook = entries[0].intended.playbook if entries else ""
    except ResponderError:
        # It is the error that is told of; there is nothing to add to it.
        playbook = ""
    return Outcome(playbook, "undo", "failed", message, finished_at=ports.clock())


@dataclass
class _Pending:
    """A write to take back."""

    entry: Entry
    seen: Observation
    #: The aspect's value now.
    now: Any
    #: Why a person has to decide; empty when nobody has to.
    conflict: str = ""

    @property
    def target(self) -> Target:
        return self.entry.intended.resource.target

    @property
    def step(self) -> Step:
        """The way back, as data."""
        step = self.entry.intended.step
        return Step(step.aspect, self.now, self.entry.intended.before, step.undo or Call("", "by_hand"))


class _Undo:
    def __init__(self, request: UndoRequest, ports: Ports) -> None:
        self._request = request
        self._ports = ports
        self._store = EvidenceStore(ports.documents, request.of, ports.clock)
        #: See ``newer_changes``.
        self._newer: Callable[[Entry], str] = lambda entry: ""
        #: What people were asked about it.
        self._asked = Evidence(request.task)
        #: Of a composed remediation: what keeps parts from being undone, and of what they are.
        self._left_out = Unfinished(is_composed=False)
        self._stuck: set[Target] = set()
        #: What earlier attempts have taken back.
        self._taken_back: Sequence[Entry] = ()

    def outcome(self) -> Outcome:
        made = self._begin()
        if self._request.is_limit:
            left = [entry for entry in made if not self._newer(entry)]
            if made and not left:
                return self._ended(made, "kept", f"{self._playbook.title}: {self._newer(made[0])}, so it stays.")
            made = left
        try:
            return self._restore(made)
        except RefusedByGuardrail as refusal:
            if self._request.is_limit:
                raise HeldBack(f"{self._playbook.title}: not taken back yet: {refusal}") from refusal
            return self._ended(made, "refused", titled(self._playbook, refusal))

    def plan(self) -> UndoPlan:
        pending = list(self._pending(self._begin()))
        refused = ""
        try:
            self._guard(pending)
        except RefusedByGuardrail as refusal:
            refused = titled(self._playbook, refusal)
        pending = [one for one in pending if one.target not in self._stuck]
        changes = report(self._playbook, (), self._changes(pending))
        drift = tuple(f"{one.seen.resource.id}: {one.conflict}" for one in pending if one.conflict)
        left = self._left_out.sentence
        return UndoPlan(self._playbook.id, self._playbook.title, changes, drift, refused, left)

    def _begin(self) -> list[Entry]:
        """Writes to take back, newest first. Raises NotFound and Rejected where there is nothing that can be."""
        evidence = self._store.load()
        if not evidence.entries:
            raise self._nothing()
        first = evidence.entries[0].intended
        self._playbook = self._ports.playbook(first.playbook)
        self._playbook.remember(evidence.states)
        if not self._playbook.undoable:
            raise Rejected(
                f"{self._playbook.title} cannot be undone.",
                f"If you need it as it was, change it by hand: {self._playbook.does}",
            )
        self._left_out = Unfinished(self._playbook.is_composed)
        account = self._ports.account_for(first.resource.account)
        self._acting = Acting(self._ports, self._playbook, account, self._request.of)
        self._taken_back = _taken_back(evidence.entries)
        made = self._made(evidence)
        self._newer = newer_changes(self._ports.documents, self._request.of, made)
        self._drift = Drift(self._acting, self._newer, self._ports.clock)
        return made

    def _nothing(self) -> NotFound:
        return NotFound(f"Task {self._request.of} changed nothing in AWS, so there is nothing to undo.")

    def _made(self, evidence: Evidence) -> list[Entry]:
        """Writes to take back, newest first; an earlier attempt of the undo may have taken some back."""
        for entry in evidence.open:
            target = entry.intended.resource.target
            with self._part_of(target):
                self._acting.settle(entry, self._acting.read(target), self._store)
        self._store.flush()
        if not evidence.made and not any(entry.undone_at for entry in evidence.entries):
            self._left_out.raise_what_may_be_tried_again(self._playbook.title)
            raise self._nothing()
        return list(reversed([entry for entry in evidence.made if self._has_way_back(entry)]))

    def _has_way_back(self, entry: Entry) -> bool:
        """Whether a call takes it back. Of a composed remediation, what has none keeps no other part from its undo."""
        part = self._playbook.of(entry.intended.resource)
        if part is self._playbook or part.undoable:
            return True
        self._left_out.add(ByHand(f"{part.title} of {entry.intended.resource.id} stays. {part.undo_note}"))
        return False

    @contextlib.contextmanager
    def _part_of(self, target: Target) -> Iterator[None]:
        """What is done about a target; where that fails, it is stuck, and of a composed remediation others are not."""
        self._stuck.add(target)
        with self._left_out.part():
            yield
            self._stuck.discard(target)

    # Decide

    def _restore(self, made: Sequence[Entry]) -> Outcome:
        pending = list(self._pending(made))
        self._guard(pending)
        pending = [one for one in pending if one.target not in self._stuck]
        if any(one.conflict for one in pending):
            verdict = self._verdict(pending)
            if verdict.rejected:
                return self._ended(made, "rejected", f"{self._playbook.title}: undo rejected by {verdict.by}.")
            if verdict.expired:
                return self._ended(made, "expired", f"{self._playbook.title}: not undone, nobody answered in time.")
        self._request.before()
        self._acting.prepare()
        refused_before = self._left_out.refusals
        for one in pending:
            if one.target in self._stuck:
                # What was done to it first is taken back last, and not at all without the rest.
                continue
            with self._part_of(one.target):
                written = self._take_back(one)
                # At once: what a person does from now on is not ours to take back.
                self._note_undone((entry for entry in made if entry.concerns(one.entry)), written)
        for target, entries in self._by_target(made).items():
            with self._part_of(target):
                self._verify(entries)
                self._note_undone(entries)
        restored = [entry for entry in made if entry.intended.resource.target not in self._stuck]
        return self._restored(made, restored, self._left_out.refusals > refused_before)

    def _guard(self, pending: Sequence[_Pending]) -> None:
        """All of them before the first: half an undo is worse than none."""
        for one in pending:
            with self._part_of(one.target):
                self._acting.guard(one.seen.resource, (one.step.call,))

    def _restored(self, made: Sequence[Entry], restored: Sequence[Entry], is_stopped: bool) -> Outcome:
        """``is_stopped``: a guardrail came in between, as the kill switch does."""
        title, by = self._playbook.title, self._request.by or "somebody"
        self._left_out.raise_what_may_be_tried_again(title)
        # At the end of a time limit, what is refused now is taken back as soon as it may be.
        is_put_off = self._request.is_limit and self._left_out.refusals > 0
        if is_stopped or is_put_off or (made and not restored):
            raise RefusedByGuardrail(self._left_out.sentence)
        sentence = self._left_out.sentence
        but = f", except for this. {sentence}" if sentence else "."
        return self._ended(restored, "undone", f"{title}: undone by {by}, the former state is restored{but}")

    def _by_target(self, made: Iterable[Entry]) -> dict[Target, list[Entry]]:
        """Those that are not stuck."""
        found: dict[Target, list[Entry]] = {}
        for entry in made:
            found.setdefault(entry.intended.resource.target, []).append(entry)
        return {target: entries for target, entries in found.items() if target not in self._stuck}

    def _note_undone(self, entries: Iterable[Entry], written: Written | None = None) -> None:
        """In one go: writes of one aspect are taken back by one call."""
        call = (written.request_id, written.by.account) if written is not None else ()
        for entry in entries:
            if entry.undone_at is None:
                self._store.undone(entry, self._request.by, *call)
        self._store.flush()

    def _pending(self, made: Sequence[Entry]) -> Iterator[_Pending]:
        """What is to be taken back. Of writes of one aspect, the newest: what it found was there last before us."""
        read: dict[Target, Observation] = {}
        for number, entry in enumerate(made):
            if any(entry.concerns(newer) for newer in made[:number]):
                continue
            target, aspect = entry.intended.resource.target, entry.intended.step.aspect
            if target not in read and target not in self._stuck:
                with self._part_of(target):
                    read[target] = self._acting.read(target)
            if target in self._stuck:
                continue
            now = read[target].state.get(aspect)
            if not self._playbook.of(entry.intended.resource).same(aspect, now, entry.intended.before):
                yield _Pending(entry, read[target], now, self._drift.conflict(entry, read[target], now))
                continue
            with self._part_of(target):
                self._drift.refuse_unseen(entry)

    def _verdict(self, pending: Sequence[_Pending]) -> Verdict:
        """What people decided about exactly this way back; expired once the time to answer is over.

        Raises NeedsApproval while that is not.
        """
        changes, request, title = self._changes(pending), self._request, self._playbook.title
        own = EvidenceStore(self._ports.documents, request.task, self._ports.clock)
        self._asked = own.load()
        asking = Asking(request.task, request.asked_at, self._ports, own, self._asked)
        verdict = asking.verdict(changes)
        if verdict.approved or verdict.rejected:
            return verdict
        if asking.is_over(changes, verdict):
            return asking.expire(changes)
        if asking.must_ask(changes, verdict, delay=0):
            stands = asking.end(changes)
            if stands.rejected:
                return stands
            asking.show(self._playbook.id, "undo", changes)
            own.flush()
            verdict = Verdict(missing=self._ports.policy().needed)
        conflicts = " ".join(f"{one.seen.resource.id}: {one.conflict}" for one in pending if one.conflict)
        reason = NeedsApproval(
            conflicts,
            "Look at the resource in AWS. Approve the undo to restore the former state all the same, or reject it.",
        )
        nothing = "nothing more" if self._taken_back else "nothing"
        raise asking.waiting(f"{title}: the undo has stopped and changed {nothing}. It", changes, reason, verdict, "")

    def _changes(self, pending: Sequence[_Pending]) -> list[Change]:
        found: dict[Target, list[_Pending]] = {}
        for one in pending:
            found.setdefault(one.seen.resource.target, []).append(one)
        return [
            Change(group[0].seen.resource, self._summary(group), tuple(one.step for one in group))
            for group in found.values()
        ]

    def _summary(self, pending: Sequence[_Pending]) -> str:
        made = [one.entry.intended.step for one in pending]
        return _back(self._playbook.summary(pending[0].seen.resource, made))

    # Restore

    def _take_back(self, one: _Pending) -> Written | None:
        """The write of ours by which it is back; None where somebody else has done it."""
        step = one.step
        seen = self._acting.read_for_write(one.seen.resource.target)
        self._acting.guard(seen.resource, (step.call,))
        playbook, now = self._playbook.of(seen.resource), seen.state.get(step.aspect)
        if playbook.same(step.aspect, now, step.after):
            return None
        if not playbook.stands(step.aspect, step.before, now):
            raise Unavailable(f"{seen.resource.id} has just changed.", "It is read again.", 0)
        if one.entry.intended.step.undo is None:
            raise Rejected(f"No call takes back {step.aspect} of {seen.resource.id}.", "Restore it by hand.")
        call = playbook.ready(step, seen)
        written = self._acting.write(call, seen.resource)
        if written is None:
            # AWS but says so. What was done before it is not taken back until that is seen.
            self._verify([one.entry])
            return None
        fields = audit_fields(self._playbook, "undo", seen.resource, [step])
        self._ports.audit("undone", **fields, responder_arn=written.by.arn, message=self._summary([one]))
        return written

    def _verify(self, made: Sequence[Entry]) -> None:
        """That AWS shows the former state of one target; ``made``: newest first, as they were taken back."""
        resource, former = made[0].intended.resource, dict[str, Any]()
        for entry in made:
            former.setdefault(entry.intended.step.aspect, entry.intended.before)
        seen = self._acting.read_back(resource, list(former.items()), before_waiting=self._store.flush)
        if not seen.ok:
            message = f"{self._playbook.title}: AWS does not show the undo yet: {seen.observed}"
            raise Unavailable(message, "If it stays so, restore it by hand.")

    def _ended(self, made: Sequence[Entry], status: str, message: str) -> Outcome:
        earlier = self._taken_back if status in ("refused", *ANSWERED) else ()
        back = [*earlier, *_taken_back(reversed(made))]
        left = [entry for entry in reversed(made) if entry.undone_at is None]
        changes = (*_ways_back(self._playbook, back, True), *_ways_back(self._playbook, left, False))
        self._ports.audit(
            f"remediation_{status}", playbook=self._playbook.id, mode="undo", message=message, change_type="AWS"
        )
        ask = self._asked.plan.ask if status in ANSWERED and self._asked.plan else ""
        # For the second proof, which has something to look for where a call of ours took anything back.
        taken_back = [*back, *self._taken_back] if status == "undone" else []
        made_by_us = [entry for entry in taken_back if entry.undo is not None]
        last = made_by_us[0].intended.key if made_by_us else ""
        now = self._ports.clock()
        return Outcome(self._playbook.id, "undo", status, message, changes, "", now, ask=ask, last_write=last)


def _taken_back(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.undone_at is not None]


def _ways_back(playbook: Playbook, entries: Sequence[Entry], made: bool) -> Iterator[dict[str, Any]]:
    """What reports say of writes that were taken back, or that were not."""
    for change in report(playbook, entries):
        back = {**change, "before": change["after"], "after": change["before"], "made": made}
        back["summary"] = _back(change["summary"])
        back.pop("verification", None)
        yield back


def _back(summary: str) -> str:
    """The sentence about a change, as one about taking it back."""
    return f"Take back: {summary}"
