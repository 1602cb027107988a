"""What an undo or a remediation would do now, for people who decide. Nothing is kept, told or changed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from ..cases.outcomes import Remediated
from ..cases.store import TaskStore
from ..cases.task import Task
from ..cases.turns import Turns
from ..errors import Unavailable, one_line
from ..handlers import remediation
from ..handlers.base import Context
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from .answering import Answerer
from .case_remediations import Change, changes_of
from .remediating import asked, chosen, finding_of
from .services import Services
from .undoing import undoable


@dataclass(frozen=True)
class UndoPreview:
    """Texts are an attacker's."""

    #: Of the remediation.
    task: str
    playbook: str
    title: str
    #: What is put back, resource by resource; none where everything is as it was before the remediation, save for
    #: what ``left`` says.
    changes: Sequence[Change]
    #: What has changed since the remediation, a sentence for each resource; then the undo asks for an approval first.
    drift: Sequence[str]
    #: Why a guardrail refuses it now; empty where none does.
    refused: str
    #: What the undo leaves, and why; empty where it leaves nothing.
    left: str


def undo_plan(splunkd: Splunkd, services: Services, of: str) -> UndoPreview:
    """What the undo of a remediation would do. Raises as ``undoing.undo``, and what AWS or splunkd fails with."""
    store = TaskStore(splunkd)
    task = undoable(store, of)
    plan = remediation.undo_plan(_looking(splunkd, services, store, task))
    changes = changes_of(Remediated(plan.playbook, "undo", "planned", "", plan.changes))
    drift = [one_line(sentence) for sentence in plan.drift]
    return UndoPreview(of, plan.playbook, plan.title, changes, drift, one_line(plan.refused), one_line(plan.left))


def _looking(splunkd: Splunkd, services: Services, store: TaskStore, task: Task) -> Context:
    """A task as whoever runs it has it, within a turn that is never claimed."""
    turn = Turns(store, splunkd.uri, splunkd.now).prepare(task.lane, (), time.monotonic())
    if turn is None:
        raise Unavailable("The lane of the task cannot be looked at now.", "Try again.")
    return Context(task, turn, (), lambda family: (), splunkd, store, Configuration(splunkd), services, splunkd.now)


@dataclass(frozen=True)
class RemediationPreview:
    """Texts are an attacker's."""

    case: str
    playbook: str
    title: str
    #: What the simulation says, one line.
    message: str
    #: Whether a guardrail refuses it now, or nothing is to be done, as the message says.
    status: str
    changes: Sequence[Change]
    #: The most that it may do in the account, by every ceiling; and what it does where no mode is asked for.
    highest_mode: str
    default_mode: str
    #: Why a person has to approve it though its mode is enforce; empty where the finding is proved.
    unproved: str
    #: Why it would be refused whatever the mode; empty where it would not.
    contradicted: str


def remediation_plan(
    splunkd: Splunkd, services: Services, of: Task, playbook: str, who: Answerer
) -> RemediationPreview:
    """What a playbook would do about the finding of a task. Raises as ``remediate``, and what AWS fails with."""
    about = chosen(Configuration(splunkd), playbook, finding_of(of))
    # As if its records had had the time to arrive.
    task = asked(of, about.id, "simulate", who, 0, 0.0)
    plan = remediation.plan(_looking(splunkd, services, TaskStore(splunkd), task))
    outcome = plan.outcome
    changes = changes_of(Remediated(outcome.playbook, outcome.mode, outcome.status, "", outcome.changes))
    return RemediationPreview(
        finding_of(of).case_id,
        about.id,
        about.title,
        one_line(outcome.message),
        outcome.status,
        changes,
        plan.highest_mode,
        plan.default_mode,
        one_line(plan.unproved),
        one_line(plan.contradicted),
    )
