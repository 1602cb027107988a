"""Runs a playbook: plan, ask whoever has to be asked, then carry it out (``applying``), with evidence of each write.

Safe to repeat after a kill at any point. Every attempt reads AWS and plans anew; what an earlier attempt did stands in
the evidence, and what it may have done is found out by the state.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from ..at_work import at_work
from ..errors import NeedsApproval, NotFound, NotYet, RefusedByGuardrail, ResponderError
from ..settings.change_windows import ANY
from . import approvals, change_stops, thresholds
from .acting import Acting
from .applying import Applying
from .asking import Asking, Windows, approval, refuse_spent
from .blast_radius import blast_radius
from .change_breaker import ChangeBreaker
from .evidence import Evidence, EvidenceStore
from .modes import check_part, effective_mode, part_mode
from .outcome import ANSWERED, Outcome, audit_fields, missed, report, stages, titled
from .plans import digest_of, is_within
from .playbook import Change, Observation, Resource, Sources, Target
from .ports import Ports, Request
from .safety_tab import SafetyTab
from .unfinished import Unfinished
from .verdicts import AskedElsewhere, Verdict

if TYPE_CHECKING:
    from ..settings.model import AwsAccount, Safety

log = logging.getLogger("cloudtrail_responder")

#: Seconds after which a remediation plans anew that waits for what people answer to another; its end comes sooner.
LOOK_AGAIN = 600.0


def run(request: Request, ports: Ports) -> Outcome:
    """Run the playbook of a request. Raises NeedsApproval where a person has to decide, else a ResponderError."""
    with at_work():
        return _Run(request, ports).outcome()


def failed(request: Request, ports: Ports, error: ResponderError, retried: bool) -> Outcome:
    """The outcome of a request that ended, or waits, with an error: for those who want to know what it waits for."""
    return _Run(request, ports).failed(error, retried)


def excused(request: Request, ports: Ports, why: str) -> Outcome | None:
    """How a request ends whose case is excused; None where people have not heard of it and nothing was begun.

    No answer about it counts any more, and what was done stays. Raises a ResponderError, as ``run`` does.
    """
    with at_work():
        return _Run(request, ports).excused(why)


class _Run:
    def __init__(self, request: Request, ports: Ports) -> None:
        self._request = request
        self._ports = ports
        self._store = EvidenceStore(ports.documents, request.task, ports.clock)
        self._evidence = Evidence(request.task)
        self._changes: tuple[Change, ...] = ()
        self._seen: dict[Target, Observation] = {}
        self._subjects: tuple[Resource, ...] = ()
        self._left_out = Unfinished(is_composed=False)
        self._refused_before = 0
        self._mode = request.mode
        self._tab = SafetyTab(ports)

    def outcome(self) -> Outcome:
        self._playbook = self._ports.playbook(self._request.playbook)
        self._left_out = Unfinished(self._playbook.is_composed)
        if not self._request.is_first:
            self._evidence = self._store.load()
        account = self._ports.account_for(self._request.finding.vendor_account)
        self._tab.plan_by_what_is_known()
        self._decide_mode(account)
        self._acting = Acting(self._ports, self._playbook, account, self._request.task, self._tab)
        try:
            return self._outcome()
        except Exception:
            self._write_what_is_owed()
            raise

    def _decide_mode(self, account: AwsAccount) -> None:
        self._mode = effective_mode(self._request.mode, self._tab(), account, self._playbook.id)

    def _outcome(self) -> Outcome:
        try:
            self._refuse_undone()
            self._plan()
            return self._carry_out()
        except RefusedByGuardrail as refusal:
            return self._ended("refused", titled(self._playbook, refusal), self._changes)
        except NotFound as gone:
            if self._evidence.made:
                return self._ended("done", f"{self._playbook.title}: done, except for this: {gone}", self._changes)
            return self._ended("already", f"{self._playbook.title}: {gone}")

    def _write_what_is_owed(self) -> None:
        try:
            self._store.flush()
        except ResponderError as error:
            # What comes out is why it failed; the next attempt finds out by the state what is not written down.
            log.error("task=%s: evidence was not written: %s", self._request.task, error)

    def failed(self, error: ResponderError, retried: bool) -> Outcome:
        status, digest, ask = "failed", "", ""
        try:
            self._mode = self._mode or self._ports.safety().default_mode
            self._playbook = self._ports.playbook(self._request.playbook)
            self._evidence = self._store.load()
        except ResponderError:
            # It is the error that is told of; there is nothing to add to it.
            return Outcome(self._request.playbook, self._mode, status, str(error), finished_at=self._ports.clock())
        plan = self._evidence.plan
        if isinstance(error, NeedsApproval) and plan is not None:
            status, digest, ask, self._mode = "waiting", plan.digest, plan.ask, plan.mode
            if error.due_in is not None and self._asking.is_half_over():
                status = "still_waiting"
        message = f"{error} It is tried again." if retried else str(error)
        changes = report(self._playbook, self._evidence.made, plan.changes if plan else ())
        now, times = self._ports.clock(), stages(self._evidence)
        return Outcome(self._playbook.id, self._mode, status, message, changes, digest, now, ask=ask, stages=times)

    def excused(self, why: str) -> Outcome | None:
        if not self._request.is_first:
            self._evidence = self._store.load()
        plan = self._evidence.plan
        if plan is None and not self._evidence.entries:
            return None
        self._playbook = self._ports.playbook(self._request.playbook)
        self._mode = plan.mode if plan else self._request.mode
        if plan is not None and plan.asked:
            now, policy = self._ports.clock(), self._ports.policy()
            approvals.close(self._ports.documents, self._request.task, plan.ask, plan.digest, policy, now)
        if self._evidence.open:
            self._find_out_what_was_made()
        stays = "Nothing was changed."
        if self._evidence.made or self._evidence.open:
            stays = f"What was changed before that stays: undo {self._request.task} to take it back."
        return self._ended("excused", f"{self._playbook.title}: {why} {stays}", plan.changes if plan else ())

    def _find_out_what_was_made(self) -> None:
        account = self._ports.account_for(self._request.finding.vendor_account)
        self._left_out = Unfinished(self._playbook.is_composed)
        self._acting = Acting(self._ports, self._playbook, account, self._request.task)
        try:
            self._applying.find_out(self._left_out)
        except (RefusedByGuardrail, NotFound) as error:
            log.warning("task=%s: what became of a write is not known: %s", self._request.task, error)

    @property
    def _asking(self) -> Asking:
        return Asking(self._request.task, self._request.asked_at, self._ports, self._store, self._evidence)

    @property
    def _applying(self) -> Applying:
        return Applying(self._acting, self._store, self._evidence, self._mode, self._ports.audit)

    def _refuse_undone(self) -> None:
        """What a person has taken back is not done again because an alert or a saved setting has it tried again."""
        if any(entry.undone_at is not None for entry in self._evidence.entries):
            raise RefusedByGuardrail("A person has undone this remediation.", "A new finding is remediated again.")

    # Plan

    def _plan(self) -> None:
        self._playbook.remember(self._evidence.states)
        self._applying.find_out(self._left_out)
        acting = self._acting
        sources = Sources(acting.aws, self._tab(), self._ports.past, acting.read_named, acting.known_accounts)
        examined = self._playbook.examine(self._request.finding, sources)
        self._changes = tuple(one.change for one in examined if one.change)
        self._seen = {one.seen.resource.target: one.seen for one in examined if one.seen}
        self._subjects = tuple(one.seen.resource for one in examined if one.seen and one.is_subject)
        for one in examined:
            if one.error is not None:
                self._left_out.add(one.error)
        for seen in self._seen.values():
            self._applying.settle(self._evidence.made, seen)

    def _look_around(self) -> None:
        """For people who read the plan: who would notice. What cannot be found out is said, and stops nothing."""
        self._changes = tuple(
            replace(
                change,
                blast_radius=(
                    *change.blast_radius,
                    *blast_radius(self._playbook, change.resource, self._seen, self._acting.aws),
                ),
            )
            for change in self._changes
        )

    # Decide

    def _carry_out(self) -> Outcome:
        if not self._changes:
            return self._nothing_left()
        if self._mode == "simulate":
            return self._simulated()
        try:
            self._guard_all()
        except RefusedByGuardrail:
            # Nobody is refused by what was known a moment ago.
            if self._tab.is_as_known():
                raise
            return self._decided_anew()
        if not self._changes:
            return self._nothing_left() if self._tab.is_as_known() else self._decided_anew()
        self._lower_mode()
        verdict = self._asking.verdict(self._changes)
        if not verdict.rejected:
            # Whoever approves: what the records contradict is refused, and what they do not prove is said beforehand.
            unproved = self._ports.unproved()
            if not self._tab.is_as_known():
                return self._decided_anew()
            verdict = verdict if verdict.approved else self._without_an_answer(unproved, verdict)
        if verdict.rejected:
            return self._ended("rejected", f"{self._playbook.title}: rejected by {verdict.by}.", self._changes)
        if verdict.expired:
            return self._ended("expired", self._nobody_answered(verdict), self._changes)
        if verdict.approved:
            self._keep(lambda change: refuse_spent(self._evidence, [change], verdict))
        self._remember_plan()
        self._acting.prepare()
        self._refused_before = self._left_out.refusals
        for change in self._changes:
            with self._left_out.part():
                self._applying.apply(change)
        return self._done()

    def _decided_anew(self) -> Outcome:
        """By the Safety tab as of now, which says something else than what was planned by."""
        self._left_out = Unfinished(self._playbook.is_composed)
        self._decide_mode(self._acting.account)
        self._plan()
        return self._carry_out()

    def _guard_all(self) -> None:
        """All of them before the first: half a remediation is worse than none. Of a composed one, parts are left out,
        but whoever it is about is protected with everything that he made."""
        for subject in self._subjects:
            self._acting.guard_subject(subject)
        self._keep(lambda change: check_part(self._playbook, change.resource, self._tab()))
        self._keep(lambda change: self._acting.guard(change.resource, [step.call for step in change.steps]))
        self._keep(self._check_thresholds)

    def _lower_mode(self) -> None:
        """To the lowest ceiling of those parts that are left: they are approved as one."""
        for change in self._changes:
            self._mode = part_mode(self._mode, self._tab(), self._playbook.of(change.resource).id)

    def _check_thresholds(self, change: Change) -> None:
        resource, now = change.resource, self._ports.clock()
        state = self._seen[resource.target].state
        thresholds.check(self._playbook.of(resource), resource, state, self._acting.aws, self._tab(), now)

    def _keep(self, check: Callable[[Change], None]) -> None:
        """Those changes that pass; of a playbook that is not composed, all of them or none."""
        kept = []
        for change in self._changes:
            with self._left_out.part():
                check(change)
                kept.append(change)
        self._changes = tuple(kept)

    def _nothing_left(self) -> Outcome:
        if self._evidence.made:
            return self._done()
        why = [self._playbook.why_nothing(self._request.finding, seen) for seen in self._seen.values()]
        return self._nothing_made(f"nothing to do, {' '.join(filter(None, why)) or 'the state is already right.'}")

    def _nothing_made(self, why: str) -> Outcome:
        self._left_out.raise_what_may_be_tried_again(self._playbook.title)
        if self._left_out.refusals:
            raise RefusedByGuardrail(self._left_out.sentence)
        return self._ended("already", f"{self._playbook.title}: {why} {self._left_out.sentence}".strip())

    def _simulated(self) -> Outcome:
        if self._evidence.made:
            raise RefusedByGuardrail(
                "The mode is simulate now; what was changed before that stays as it is.",
                "Raise the mode on the Safety tab to finish it, or undo it.",
            )
        self._look_around()
        message = "Simulated: would " + " And would ".join(_lower(change.summary) for change in self._changes)
        if self._request.mode and self._request.mode != "simulate":
            message += f" The alert asks for {self._request.mode}; the ceilings that administrators set are lower."
        changes = self._changes
        try:
            self._guard_all()
        except RefusedByGuardrail as refusal:
            message += f" But a guardrail would refuse it: {refusal.message}"
        self._changes = changes
        if self._left_out.sentence:
            message += f" {self._left_out.sentence}"
        return self._ended("simulated", message, self._changes)

    def _without_an_answer(self, unproved: str, verdict: Verdict) -> Verdict:
        """What stands where it goes on without an answer, or the time to give one is over.

        Raises NeedsApproval while a person may still decide about the plan; it is kept for them to see.
        """
        safety = self._ports.safety()
        try:
            if self._mode == "approve":
                raise NeedsApproval(f"The mode is approve. {unproved}".strip())
            if unproved:
                raise NeedsApproval(unproved)
            delay = safety.playbook_delays.get(self._playbook.id, 0)
            self._asking.wait_for_a_no(self._changes, delay, self._windows(safety))
            self._count(safety)
            return self._asking.end(self._changes)
        except NeedsApproval as reason:
            if reason.due_in is None and self._asking.is_over(self._changes, verdict):
                return self._asking.expire(self._changes)
            return self._ask(reason, verdict, math.ceil((reason.due_in or 0) / 60))

    def _windows(self, safety: Safety) -> Windows:
        """Those that it has to keep; what has been begun is finished, whatever the hour."""
        subjects = (ANY, self._acting.account.account_id, self._playbook.id)
        return Windows(() if self._evidence.made else safety.change_windows, subjects)

    def _ask(self, reason: NeedsApproval, verdict: Verdict, delay: int) -> Verdict:
        """Raises NeedsApproval, with what people have to know. Returns only what was said already: to the plan before,
        or to the same plan of another remediation of the case.
        """
        asking, changed = self._asking, ""
        if asking.must_ask(self._changes, verdict, delay):
            stands = asking.end(self._changes)
            if stands.rejected:
                return stands
            elsewhere = self._ports.asked_elsewhere(self._changes)
            if elsewhere is not None:
                return self._answered_with(elsewhere)
            self._look_around()
            self._say_planned()
            changed = asking.show(self._playbook.id, self._mode, self._changes, delay)
            verdict = Verdict(missing=self._ports.policy().needed)
        changed = " ".join(filter(None, (changed, self._left_out.sentence)))
        raise asking.waiting(self._playbook.title, self._changes, reason, verdict, changed) from reason

    def _answered_with(self, other: AskedElsewhere) -> Verdict:
        """Raises NotYet while people are asked about the other's plan."""
        if other.verdict.decision:
            return other.verdict
        raise NotYet(
            f"{self._playbook.title}: remediation {other.task} asks about the same plan.",
            "What is decided there counts for this one, too.",
            LOOK_AGAIN,
        )

    def _nobody_answered(self, verdict: Verdict) -> str:
        hours = f"{self._ports.policy().hours:g}"
        why = f"approved by {verdict.by}, but it could not be done" if verdict.by else "nobody answered"
        return f"{self._playbook.title}: not done, {why} within {hours} hours. Retry it to ask again."

    def _count(self, safety: Safety) -> None:
        breaker = ChangeBreaker(self._ports.documents, self._ports.clock, safety)
        scope = change_stops.scope_of(self._acting.account.account_id, self._playbook.id)
        run, task = self._request.run, self._request.task
        if not self._evidence.made:
            breaker.check(task, scope)
        # With what is made already: what is planned later, or anew, counts beside it.
        made = {entry.intended.resource.target for entry in self._evidence.made}
        changed = made.union(change.resource.target for change in self._changes)
        breaker.reserve(run, task, len(changed), scope, self._unfinished)

    def _unfinished(self) -> Collection[str]:
        """Remediations of the same run that are not at their end; none where that cannot be read."""
        try:
            return self._ports.unfinished()
        except ResponderError:
            # Those that this process knows of are counted all the same.
            return ()

    def _remember_plan(self) -> None:
        known = self._evidence.plan
        if known is not None and is_within(self._changes, known.changes):
            return
        self._say_planned()
        # It is there before anything is changed: it goes out with the first intention.
        plan = self._store.plan(self._playbook.id, self._mode, self._changes, later=True, asked=False)
        self._evidence.plans.append(plan)

    def _say_planned(self) -> None:
        """Once for each plan, however often it is asked about."""
        known = self._evidence.plan
        if known is not None and known.digest == digest_of(self._changes):
            return
        for change in self._changes:
            fields = audit_fields(self._playbook, self._mode, change.resource, change.steps)
            self._ports.audit("planned", **fields, message=change.summary)

    # End

    def _done(self) -> Outcome:
        made = self._evidence.made
        if not made:
            return self._nothing_made("somebody else has just done it.")
        self._left_out.raise_what_may_be_tried_again(self._playbook.title)
        unknown = any(entry.is_unknown for entry in made)
        message = " ".join(str(change["summary"]) for change in report(self._playbook, made))
        if unknown:
            message += " An answer of AWS was lost, so part of this may have been done by somebody else."
        # What a guardrail refuses only now, as the kill switch does, was not said when it was decided.
        is_refused = self._left_out.refusals > self._refused_before
        given = approval(self._request.task, self._evidence.plan, self._ports)
        by = f"Approved by {given.by}." if given is not None else ""
        lacking = missed(self._playbook, self._evidence, self._seen)
        told = " ".join(filter(None, (message, lacking, self._left_out.sentence, by)))
        ended = self._ended("refused", told, self._changes) if is_refused else self._ended("done", told)
        if given is None:
            return ended
        return replace(ended, approved_by=given.by, stages={**ended.stages, "approved": given.answers[-1].at})

    def _ended(self, status: str, message: str, planned: tuple[Change, ...] = ()) -> Outcome:
        self._store.flush()
        changes = report(self._playbook, self._evidence.made, planned)
        ask = self._evidence.plan.ask if status in ANSWERED and self._evidence.plan else ""
        self._ports.audit(
            f"remediation_{status}",
            playbook=self._playbook.id,
            mode=self._mode,
            message=message,
            change_type="AWS",
        )
        made = self._evidence.made if status == "done" else ()
        last = made[-1].intended.key if made else ""
        now, times = self._ports.clock(), stages(self._evidence)
        return Outcome(
            self._playbook.id, self._mode, status, message, changes, "", now, ask=ask, last_write=last, stages=times
        )


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
