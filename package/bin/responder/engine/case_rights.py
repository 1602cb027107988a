"""What whoever looks at a case may do with it now.

It only says what is offered. What is asked for is decided where it is carried out, by the same rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..cases.states import State, WaitingFor
from ..cases.task import Task
from ..errors import NotDone
from ..findings.finding import Finding
from ..remediation.verdicts import Policy, person
from ..settings.safety import Safety
from .retrying import AGAIN, check
from .undoing import UNDO as UNDO_KIND

APPROVE, UNDO = "cloudtrail_responder_approve", "cloudtrail_responder_undo"
VIEW, RUN = "cloudtrail_responder_view", "cloudtrail_responder_run"
#: Of what whoever sees a case may ask AWS to be changed: as much as the owner of an alert.
REMEDIATES = frozenset((VIEW, RUN))
FOUR_EYES = "Four eyes: somebody else has to approve it, as you own the alert, asked for it or did what was found."


@dataclass(frozen=True)
class Rights:
    user: str
    capabilities: frozenset[str]
    safety: Safety

    @property
    def _approves(self) -> bool:
        return APPROVE in self.capabilities

    def on_case(self, is_excused: bool, has_finding: bool) -> Sequence[str]:
        """``excuse`` (also to prolong it), ``lift``, ``assign``, ``remediate``."""
        remediates = has_finding and not is_excused and self.capabilities >= REMEDIATES
        excuses = ("excuse", "lift", "assign") if is_excused else ("excuse", "assign")
        return (*(excuses if self._approves else ()), *(("remediate",) if remediates else ()))

    def on_plan(self, policy: Policy) -> tuple[Sequence[str], str]:
        """``approve``, ``reject`` of what waits for an approval, and why one of them is missing."""
        if not self._approves:
            return (), ""
        if person(self.user) in policy.excluded:
            return ("reject",), FOUR_EYES
        return ("approve", "reject"), ""

    def undo(self, is_made: bool) -> Sequence[str]:
        return ("undo",) if is_made and UNDO in self.capabilities else ()

    def keep(self) -> Sequence[str]:
        """To reject the undo that a time limit brings."""
        return ("reject",) if self._approves else ()

    def retry(self, task: Task) -> Sequence[str]:
        """Of a task that goes no further by itself, or only later."""
        waits = task.state is State.WAITING and task.waiting_for in (WaitingFor.PERSON, WaitingFor.SERVICE)
        if not self._approves or not (waits or task.state in AGAIN):
            return ()
        try:
            check(task)
        except NotDone:
            return ()
        return ("retry",)

    def plan_again(self, task: Task, is_damaged: bool) -> Sequence[str]:
        """``retry`` of what waits for an approval that nobody can give."""
        return ("retry",) if is_damaged and self._approves and task.kind != UNDO_KIND else ()

    def policy(self, finding: Finding, task: Task) -> Policy:
        return Policy.of(self.safety, finding, *task.askers)
