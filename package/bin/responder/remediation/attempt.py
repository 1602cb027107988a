"""One attempt at a remediation: what is known of it so far, and what it plans by what AWS says now."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import NotFound, RefusedByGuardrail, ResponderError
from . import thresholds
from .acting import Acting
from .applying import Applying
from .asking import Asking
from .blast_radius import blast_radius
from .evidence import Evidence, EvidenceStore
from .model import Change, Observation, Resource, Target
from .modes import check_part, effective_mode, part_mode
from .outcome import audit_fields
from .plans import digest_of, is_within
from .playbook import Playbook, Sources
from .ports import Ports, Request
from .safety_tab import SafetyTab
from .unfinished import Unfinished

if TYPE_CHECKING:
    from ..settings.model import AwsAccount

log = logging.getLogger("cloudtrail_responder")


class Attempt:
    #: There once they were looked up: ``find_playbook``; ``begin`` or ``find_out_what_was_made``.
    playbook: Playbook
    acting: Acting

    def __init__(self, request: Request, ports: Ports) -> None:
        self.request = request
        self.ports = ports
        self.store = EvidenceStore(ports.documents, request.task, ports.clock)
        self.evidence = Evidence(request.task)
        self.mode = request.mode
        self.tab = SafetyTab(ports)
        #: What is planned; how AWS describes whatever it is about; and whom a composed playbook is about.
        self.changes: tuple[Change, ...] = ()
        self.seen: dict[Target, Observation] = {}
        self.subjects: tuple[Resource, ...] = ()
        self.left_out = Unfinished(is_composed=False)

    def find_playbook(self) -> None:
        self.playbook = self.ports.playbook(self.request.playbook)

    def load(self) -> None:
        """What earlier attempts have done."""
        if not self.request.is_first:
            self.evidence = self.store.load()

    def begin(self) -> None:
        """Raises a ResponderError where it cannot be known what may be done in the account."""
        self._leave_nothing_out()
        account = self.ports.account_for(self.request.finding.vendor_account)
        self.tab.plan_by_what_is_known()
        self._decide_mode(account)
        self.acting = Acting(self.ports, self.playbook, account, self.request.task, self.tab)

    def begin_anew(self) -> None:
        """By the Safety tab as of now, which says something else than what was planned by."""
        self._leave_nothing_out()
        self._decide_mode(self.acting.account)

    def _leave_nothing_out(self) -> None:
        self.left_out = Unfinished(self.playbook.is_composed)

    def _decide_mode(self, account: AwsAccount) -> None:
        self.mode = effective_mode(self.request.mode, self.tab(), account, self.playbook.id)

    def find_out_what_was_made(self) -> None:
        """Of writes whose end nobody wrote down, where nothing else is going to be done."""
        self._leave_nothing_out()
        account = self.ports.account_for(self.request.finding.vendor_account)
        self.acting = Acting(self.ports, self.playbook, account, self.request.task)
        try:
            self.applying.find_out(self.left_out)
        except (RefusedByGuardrail, NotFound) as error:
            log.warning("task=%s: what became of a write is not known: %s", self.request.task, error)

    @property
    def asking(self) -> Asking:
        return Asking(self.request.task, self.request.asked_at, self.ports, self.store, self.evidence)

    @property
    def applying(self) -> Applying:
        return Applying(self.acting, self.store, self.evidence, self.mode, self.ports.audit)

    def write_what_is_owed(self) -> None:
        """Where it fails anyway."""
        try:
            self.store.flush()
        except ResponderError as error:
            # What comes out is why it failed; the next attempt finds out by the state what is not written down.
            log.error("task=%s: evidence was not written: %s", self.request.task, error)

    # What is planned

    def plan(self) -> None:
        self.playbook.remember(self.evidence.states)
        self.applying.find_out(self.left_out)
        acting = self.acting
        sources = Sources(acting.aws, self.tab(), self.ports.past, acting.read_named, acting.known_accounts)
        examined = self.playbook.examine(self.request.finding, sources)
        self.changes = tuple(one.change for one in examined if one.change)
        self.seen = {one.seen.resource.target: one.seen for one in examined if one.seen}
        self.subjects = tuple(one.seen.resource for one in examined if one.seen and one.is_subject)
        for one in examined:
            if one.error is not None:
                self.left_out.add(one.error)
        for seen in self.seen.values():
            self.applying.settle(self.evidence.made, seen)

    def look_around(self) -> None:
        """For people who read the plan: who would notice. What cannot be found out is said, and stops nothing."""
        self.changes = tuple(
            replace(
                change,
                blast_radius=(
                    *change.blast_radius,
                    *blast_radius(self.playbook, change.resource, self.seen, self.acting.aws),
                ),
            )
            for change in self.changes
        )

    def remember_plan(self) -> None:
        """It is there before anything is changed: it goes out with the first intention."""
        known = self.evidence.plan
        if known is not None and is_within(self.changes, known.changes):
            return
        self.say_planned()
        plan = self.store.plan(self.playbook.id, self.mode, self.changes, later=True, asked=False)
        self.evidence.plans.append(plan)

    def say_planned(self) -> None:
        """Once for each plan, however often it is asked about."""
        known = self.evidence.plan
        if known is not None and known.digest == digest_of(self.changes):
            return
        for change in self.changes:
            fields = audit_fields(self.playbook, self.mode, change.resource, change.steps)
            self.ports.audit("planned", **fields, message=change.summary)

    # What of it may be done

    def guard(self) -> None:
        """All changes before the first: half a remediation is worse than none. Of a composed one, parts are left out,
        but whoever it is about is protected with everything that he made."""
        for subject in self.subjects:
            self.acting.guard_subject(subject)
        self.keep(lambda change: check_part(self.playbook, change.resource, self.tab()))
        self.keep(lambda change: self.acting.guard(change.resource, [step.call for step in change.steps]))
        self.keep(self._check_thresholds)

    def keep(self, check: Callable[[Change], None]) -> None:
        """Those changes that pass; of a playbook that is not composed, all of them or none."""
        kept = []
        for change in self.changes:
            with self.left_out.part():
                check(change)
                kept.append(change)
        self.changes = tuple(kept)

    def _check_thresholds(self, change: Change) -> None:
        resource, now = change.resource, self.ports.clock()
        state = self.seen[resource.target].state
        thresholds.check(self.playbook.of(resource), resource, state, self.acting.aws, self.tab(), now)

    def lower_mode(self) -> None:
        """To the lowest ceiling of those parts that are left: they are approved as one."""
        for change in self.changes:
            self.mode = part_mode(self.mode, self.tab(), self.playbook.of(change.resource).id)
