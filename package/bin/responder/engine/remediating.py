"""A person asks for the remediation of a case: which playbooks there are for it, what each would do, and the asking.

What is asked for goes the way of what an alert asks for: the same kind of task, with the ceilings, the proof, the
guardrails and the approvals of now. Whoever asks stands behind it beside the owner of the alert, so with four eyes
neither of them approves it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..cases.audit import audit_event
from ..cases.keys import case_checked, follow_up
from ..cases.snapshot import CaseReader
from ..cases.store import TaskStore
from ..cases.task import Task, event_names
from ..errors import ConfigurationError, NotDone, NotFound, NotPermitted, Rejected
from ..findings.finding import Finding
from ..handlers import own_remediations, remediation
from ..handlers.own_remediations import OwnRemediation
from ..remediation import armed, registry, suitable
from ..remediation.playbook import Playbook
from ..remediation.target_playbook import PREFIX, RunTarget
from ..roles import ROLE_WITH
from ..settings.model import MODES, Safety
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from ..splunk.users import capabilities
from .answering import Answerer
from .case_rights import REMEDIATES
from .case_state import newest_with_finding, tasks_of, told_elsewhere
from .engine import Engine
from .report import TaskReport
from .services import Services
from .undoing import RUN

#: What tells such tasks from those of alerts.
_CONSOLE = "Console"
#: Of whoever may ask.
ROLES = " and ".join(sorted({ROLE_WITH[capability] for capability in REMEDIATES}))


@dataclass(frozen=True)
class PlaybookChoice:
    playbook: str
    title: str
    does: str
    #: ``low``, ``medium`` or ``high``: what may break where what was found is legitimate.
    risk: str
    #: The most that it may do, by its own and the global ceiling.
    mode: str
    #: Whether the finding recommends it.
    recommended: bool
    #: Why it cannot answer the finding; empty where it can, as far as the finding tells.
    why_not: str


@dataclass(frozen=True)
class PlaybookChoices:
    #: Those that can answer the finding first, the recommended one before all.
    playbooks: Sequence[PlaybookChoice]


def choices(splunkd: Splunkd, of: Task) -> PlaybookChoices:
    """For the finding of a task. Raises as ``finding_of``."""
    finding, config = finding_of(of), Configuration(splunkd)
    safety = config.safety
    found = [
        PlaybookChoice(
            playbook.id,
            playbook.title,
            playbook.does,
            playbook.risk,
            armed.highest_mode(playbook, safety),
            playbook.id == finding.recommended_playbook,
            suitable.why_not(playbook, finding),
        )
        for playbook in registry.every()
    ]
    found += [_own_choice(one, finding, safety) for one in own_remediations.every(config)]
    found.sort(key=lambda one: (bool(one.why_not), not one.recommended, one.title))
    return PlaybookChoices(found)


def _own_choice(one: OwnRemediation, finding: Finding, safety: Safety) -> PlaybookChoice:
    try:
        why_not = suitable.why_not(one.playbook(finding), finding)
    except ConfigurationError as error:
        why_not = error.message
    highest, is_recommended = armed.highest_mode_of(one.id, safety), one.id == finding.recommended_playbook
    return PlaybookChoice(one.id, one.title, one.does, RunTarget.risk, highest, is_recommended, why_not)


def chosen(config: Configuration, playbook: str, finding: Finding) -> Playbook:
    """One that answers a finding. Raises Rejected, InvalidFinding; ConfigurationError for a target of no use."""
    if playbook.startswith(PREFIX):
        (own,) = own_remediations.named(config, [playbook])
        found = own.playbook(finding)
    else:
        (found,) = armed.named([playbook])
    found.check(finding)
    return found


def source(splunkd: Splunkd, case: str) -> Task:
    """The newest task that keeps the finding of a case.

    Raises Rejected for what is no case, NotFound where there is none or its finding is not kept any more.
    """
    try:
        case = case_checked(case)
    except ValueError as error:
        raise Rejected("That is not the ID of a case.", "Open it from the list of cases.") from error
    reader = CaseReader(splunkd)
    told = [*tasks_of(reader, reader.read(case)), *told_elsewhere(splunkd, [case]).get(case, ())]
    found = newest_with_finding(splunkd, told, case)
    if found is None or found.finding is None or found.finding.case_id != case:
        raise NotFound(f"The finding of case {case} is not kept any more.", "See the audit index for what was found.")
    return found


def finding_of(task: Task) -> Finding:
    if task.finding is None:
        raise NotFound(f"Task {task.key} keeps no finding.", "Open the case again.")
    return task.finding


def asked(of: Task, playbook: str, mode: str, who: Answerer, number: int, now: float) -> Task:
    """The task by which somebody asks for a playbook, the ``number``-th of its kind."""
    finding = finding_of(of)
    name = f"{_CONSOLE}: {playbook}, asked for by {who.by}"
    return Task(
        key=follow_up(finding.case_id, "remediate", RUN, _CONSOLE, who.by, playbook, str(number)),
        kind=RUN,
        request={"playbook": playbook, "mode": mode, "by": who.by, "owner": of.owner},
        service=remediation.service({}, finding),
        finding=finding,
        # A name of its own: what this asks for counts for no other, and what others ask for not for this.
        alert=replace(of.alert, search_name=name, action="responder_remediate", sid="", rid=""),
        event_ids=event_names(finding),
        owner=who.by,
        run=who.run,
        reports_to=_told_in(of, finding.case_id),
        created_at=now,
    )


def _told_in(of: Task, case: str) -> str:
    """The case whose ticket and thread tell of this one, where that is another (docs/incidents.md)."""
    return of.reports_to or (of.case_id if of.case_id != case else "")


def remediate(
    splunkd: Splunkd, services: Services, case: str, playbook: str, mode: str, who: Answerer
) -> TaskReport:
    """Ask for a remediation, and run it as far as it goes without a person. Asking twice at a time asks once.

    Raises Rejected, NotFound, NotPermitted; NotDone where another remediation by the same playbook is under way.
    """
    if not capabilities(splunkd, who.by) >= REMEDIATES:
        raise NotPermitted("You may not ask for a remediation.", f"Ask an administrator for the roles {ROLES}.")
    if mode and mode not in MODES:
        raise Rejected("That is not a mode.", f"Use one of {', '.join(MODES)}.")
    of = source(splunkd, case)
    finding = finding_of(of)
    chosen(Configuration(splunkd), playbook, finding)
    store, now = TaskStore(splunkd), splunkd.now()
    task = _next(store, of, playbook, mode, who, now)
    _refuse_second(splunkd, task)
    task.audit.append(
        audit_event("remediation_requested", task, now, "success", by=who.by, playbook=playbook, mode=mode)
    )
    # Where it was told of in the ticket of another case alone, it has an entry in the queue from now on.
    store.open_cases([task])
    store.record(task)
    (report,) = Engine(splunkd, services).run([task.key], patient=True)
    return report


def _next(store: TaskStore, of: Task, playbook: str, mode: str, who: Answerer, now: float) -> Task:
    """The one that is under way; a further one after those that have ended."""
    for number in itertools.count(1):
        task = asked(of, playbook, mode, who, number, now)
        known = store.get(task.key)
        if known is None or not known.final:
            return task
    raise AssertionError("unreachable")


def _refuse_second(splunkd: Splunkd, task: Task) -> None:
    """Two plans for the same change would both ask people."""
    reader = CaseReader(splunkd)
    for one in tasks_of(reader, reader.read(task.case_id)):
        same = str(one.request.get("playbook") or "") == task.request["playbook"]
        if one.kind == RUN and same and not one.final and one.key != task.key:
            raise NotDone(f"Remediation {one.key} by this playbook is under way.", "Answer that one, or wait for it.")
