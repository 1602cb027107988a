"""Asks people about the plan of a task, and acts on their silence only once no answer can come any more.

An ask is the document of a plan. Only the newest counts: an approval ends with its ask, and what is planned now must be
what was asked, or what is left of it. Forth (``runner``) and back (``undo``) ask in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..errors import NeedsApproval, RefusedByGuardrail
from ..settings import change_windows
from ..settings.change_windows import ChangeWindow
from . import approvals
from .evidence import Evidence, EvidenceStore, Planned
from .model import Change
from .plans import difference, is_within
from .verdicts import CLOSED, EXPIRED, HOUR, Deadlines, Policy, Verdict, utc

if TYPE_CHECKING:
    from .ports import Ports

Changes = Sequence[Change]
#: What is said of a plan that is shown to people, before its changes.
WAITS = "waits for approval"
#: Seconds by which minutes that are rounded up may seem to be later.
ROUNDED = 120.0


@dataclass(frozen=True)
class Windows:
    """The change windows that a plan has to keep, all of them."""

    windows: Sequence[ChangeWindow]
    subjects: Sequence[str]

    def next_open(self, at: float) -> float | None:
        """The moment from then on (epoch seconds) at which it may be made; None where there is none in a week."""
        return change_windows.next_open(self.windows, self.subjects, at)

    @property
    def said(self) -> str:
        return change_windows.said(self.windows, self.subjects)


def deadlines(plan: Planned, policy: Policy) -> Deadlines:
    return Deadlines(plan.at, policy, plan.began)


class Asking:
    """What is asked about one task. ``asked_at``: when the task was asked for last; that is a new question."""

    def __init__(
        self, task: str, asked_at: float, ports: Ports, store: EvidenceStore, evidence: Evidence
    ) -> None:
        self._task = task
        self._asked_at = asked_at
        self._ports = ports
        self._store = store
        self._evidence = evidence

    @property
    def _plan(self) -> Planned | None:
        return self._evidence.plan

    def _shows(self, changes: Changes) -> bool:
        """Whether the newest plan that people could see is this one, or one of which it is what is left."""
        return self._plan is not None and is_within(changes, self._plan.changes)

    # What was answered

    def verdict(self, changes: Changes) -> Verdict:
        """What was decided about these changes, as far as the answers can be read here."""
        policy, plan = self._ports.policy(), self._plan
        if plan is None or not self._shows(changes):
            return Verdict(missing=policy.needed)
        return self._in_time(approvals.verdict(self._ports.documents, self._task, plan.ask, policy))

    def end(self, changes: Changes) -> Verdict:
        """Take no more answers, since these changes are to be made, or another plan is to be shown. What stands then.

        A no to the plan before is one to this, unless it was asked for again since; a yes is one to what was shown.
        """
        plan, policy = self._plan, self._ports.policy()
        if plan is None:
            return Verdict(missing=policy.needed)
        now = self._ports.clock()
        stands = approvals.close(self._ports.documents, self._task, plan.ask, plan.digest, policy, now)
        if self._shows(changes):
            return self._in_time(stands)
        is_heard = stands.rejected and stands.answers[-1].at >= self._asked_at
        return stands if is_heard else replace(stands, decision=CLOSED)

    def expire(self, changes: Changes) -> Verdict:
        """What stands at the end of the time: an answer that came in time, even if it is read only now."""
        stands = self.end(changes)
        return replace(stands, decision=EXPIRED) if stands.closed else stands

    def _in_time(self, verdict: Verdict) -> Verdict:
        """An approval is good for as long as people had to answer, unless what was approved has been begun."""
        if not verdict.approved or self._has_begun or self._ports.clock() < self._good_until(verdict):
            return verdict
        return replace(verdict, decision=CLOSED)

    def _good_until(self, verdict: Verdict) -> float:
        return verdict.answers[-1].at + self._ports.policy().hours * HOUR if verdict.answers else 0.0

    @property
    def _has_begun(self) -> bool:
        plan = self._plan
        return plan is not None and any(entry.intended.at >= plan.at for entry in self._evidence.entries)

    # When

    def is_over(self, changes: Changes, verdict: Verdict) -> bool:
        """Whether the time to answer is over. A newer request is a new question."""
        plan = self._plan
        if plan is None or not plan.asked:
            return False
        times = deadlines(plan, self._ports.policy())
        ends_at = times.ends_at if self._shows(changes) else times.last
        if verdict.closed and verdict.by:
            # It was approved, and not carried out in time.
            ends_at = max(ends_at, self._good_until(verdict))
        return self._asked_at < ends_at <= self._ports.clock()

    def is_half_over(self) -> bool:
        plan = self._plan
        return plan is not None and deadlines(plan, self._ports.policy()).is_half_over(self._ports.clock())

    def wait_for_a_no(self, changes: Changes, minutes: int, windows: Windows) -> None:
        """Raises NeedsApproval while the time runs in which anybody may say no, and outside of the change windows.

        The minutes run from when that was said; where the plan has changed since, twice as long at most from the first.
        """
        now = self._ports.clock()
        over = self._delayed_until(changes, minutes * 60, now) if minutes else now
        due = windows.next_open(max(over, now))
        if due is None:
            raise NeedsApproval(f"No change window opens within a week ({windows.said}).", "Approve it or reject it.")
        if due > now:
            why = f" It is outside of the change windows ({windows.said})." if due > max(over, now) else ""
            raise NeedsApproval(
                f"It is done at {utc(due)} unless somebody rejects it.{why}",
                "Reject it, or approve it to have it done at once.",
                due - now,
            )

    def _delayed_until(self, changes: Changes, seconds: float, now: float) -> float:
        plan = self._plan
        if plan is not None and plan.delay:
            is_shown = self._shows(changes)
            if is_shown or self._asked_at < self._ends_at(plan):
                return min(plan.at if is_shown else now, plan.began + seconds) + seconds
        return now + seconds

    # Asking

    def must_ask(self, changes: Changes, verdict: Verdict, delay: int) -> bool:
        """Whether this is a new question: another plan, one whose ask has ended, or that it is done by itself.

        Or later than was said, since somebody has changed a setting: ``delay`` is in how many minutes it is done.
        """
        plan = self._plan
        if plan is None or not plan.asked or not self._shows(changes):
            return True
        is_later = self._ports.clock() + delay * 60 > self._ends_at(plan) + ROUNDED if plan.delay else True
        return verdict.closed or bool(delay and is_later)

    def _ends_at(self, plan: Planned) -> float:
        """When the question ends that a plan puts."""
        return plan.at + plan.delay * 60 if plan.delay else deadlines(plan, self._ports.policy()).ends_at

    def show(self, playbook: str, mode: str, changes: Changes, delay: int = 0) -> str:
        """Keep a plan for people to see, in the place of the last one; a sentence on how it differs from that."""
        known, since = self._plan, 0.0
        is_same_question = known is not None and known.asked and bool(known.delay) == bool(delay)
        if known is not None and is_same_question and not self._shows(changes):
            # It goes on, unless it had ended when it was asked for again.
            since = known.began if self._asked_at < self._ends_at(known) else 0.0
        plan = self._store.plan(playbook, mode, changes, later=True, since=since, delay=delay)
        self._evidence.plans.append(plan)
        return difference(known.changes, changes) if known is not None else ""

    def waiting(
        self, title: str, changes: Changes, reason: NeedsApproval, verdict: Verdict, changed: str
    ) -> NeedsApproval:
        """The reason with everything that people want to know before they answer."""
        waits = f"{WAITS}: {' '.join(change.summary for change in changes)}"
        parts = [f"{title} {waits}", reason.message, changed]
        hint, due_in = reason.hint or "Approve or reject it.", reason.due_in
        if due_in is None and self._plan is not None:
            times = deadlines(self._plan, self._ports.policy())
            parts.append(times.said(verdict))
            due_in = times.next_look(self._ports.clock())
        return NeedsApproval(" ".join(filter(None, parts)), hint, due_in, reason.is_urgent)


def approval(task: str, plan: Planned | None, ports: Ports) -> Verdict | None:
    """What was answered, where people were asked about a plan and have approved it."""
    if plan is None or not plan.asked:
        return None
    verdict = approvals.verdict(ports.documents, task, plan.ask, ports.policy())
    return verdict if verdict.approved else None


def refuse_spent(evidence: Evidence, changes: Changes, verdict: Verdict) -> None:
    """An approval is good for one time: what was done by it and set back since is somebody's decision, too."""
    done = [entry.intended for entry in evidence.made if entry.is_ours]
    for change in changes:
        for intended in done:
            if intended.resource.target == change.resource.target and intended.step in change.steps:
                raise RefusedByGuardrail(
                    f"What {verdict.by} approved was done, and was set back since: {change.resource.id}.",
                    "A new finding is remediated again.",
                )
