"""The remediations of a case as people look at them: what each came to, its changes as a diff, and what is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..cases.outcomes import Remediated
from ..cases.task import TASKS, Task
from ..documents import remediations as worded
from ..documents import states
from ..documents.reports import ChangeReport
from ..errors import Curable, one_line
from ..findings.finding import Finding
from ..handlers.reports import remediation_report
from ..remediation import approvals, guide, registry, time_limits
from ..remediation.asking import WAITS, deadlines
from ..remediation.evidence import Planned
from ..remediation.verdicts import APPROVALS, Decision, Policy
from ..splunk.client import Splunkd
from ..splunk.queries import any_of
from .asked_plans import AskedPlans, by_task
from .case_rights import Rights
from .case_state import is_asked, readable
from .waiting_list import UNDO

KINDS = ("remediation.run", UNDO, "remediation.containment")


@dataclass(frozen=True)
class Change:
    """What is done, or would be, to one resource of AWS. Texts are an attacker's."""

    resource: str
    resource_type: str
    region: str
    summary: str
    #: Lines that begin with ``-`` (how it was), ``+`` (how it is then), or two spaces (what stays).
    diff: Sequence[str]
    #: Whether it was made; otherwise it is a plan.
    made: bool
    #: ``yes``, ``no``, or empty where it was not read back; and what AWS said then.
    verified: str
    observed: str
    #: Sentences: who would notice.
    blast_radius: Sequence[str]


@dataclass(frozen=True)
class Instruction:
    text: str
    #: A page of the AWS console; may be empty.
    link: str


@dataclass(frozen=True)
class Plan:
    """What people are asked. Times are epoch seconds."""

    #: Names the plan: an approval is of this one, and no other.
    digest: str
    asked_at: float
    #: Until when it waits; 0 where that has no end.
    ends_at: float
    #: What happens then: ``expires``, ``made`` (unless somebody rejects it) or ``undone`` (a time limit).
    then: str
    approved_by: Sequence[str]
    #: How many approvals are missing.
    missing: int
    #: Why the caller cannot approve it; empty where that is no question.
    why_not: str


@dataclass(frozen=True)
class Remediation:
    task: str
    #: ``remediation.run``, ``remediation.undo`` or ``remediation.containment`` (what CloudTrail says of it later).
    kind: str
    #: Of the latter two, the task of the remediation.
    of: str
    playbook: str
    #: What the playbook is called; empty for one that is unknown.
    title: str
    mode: str
    state: str
    waiting_for: str
    #: As ``Remediated.status``; empty until it has come to something. And in words.
    status: str
    text: str
    message: str
    asked_for_by: str
    created_at: float
    updated_at: float
    finished_at: float
    due_at: float
    changes: Sequence[Change]
    #: Of a guide, what a person has to do, in order.
    instructions: Sequence[Instruction]
    plan: Plan | None
    #: Which document about it cannot be read, and what to do; empty where all can.
    damaged: str
    #: Of what the caller may do: ``approve``, ``reject``, ``undo``, ``retry``.
    may: Sequence[str]


@dataclass(frozen=True)
class Given:
    """What is kept of the remediations beside their tasks."""

    #: By task.
    plans: Mapping[str, Planned]
    findings: Mapping[str, Finding]
    #: What people have answered, in no order. Damaged ones are left out: nothing was decided by them.
    answered: Mapping[str, Sequence[Decision]]
    #: Why its plan cannot be decided about, and what to do.
    damaged_plans: Mapping[str, str]
    #: Which answer cannot be read, and what to do. While it is there, no answer about the task counts.
    damaged_answers: Mapping[str, str]

    @classmethod
    def read(cls, splunkd: Splunkd, tasks: Sequence[Task]) -> Given:
        """Of tasks without their findings, which are read of those that wait for an approval."""
        asked = [task.key for task in tasks if task.kind in KINDS and is_asked(task)]
        whole = (readable(one) for query in any_of("_key", asked) for one in splunkd.find(TASKS, query))
        return cls._of(splunkd, tasks, [task for task in whole if task is not None])

    @classmethod
    def of(cls, splunkd: Splunkd, tasks: Sequence[Task]) -> Given:
        """Of whole tasks."""
        return cls._of(splunkd, tasks, [task for task in tasks if is_asked(task)])

    @classmethod
    def _of(cls, splunkd: Splunkd, tasks: Sequence[Task], asked: Sequence[Task]) -> Given:
        found = AskedPlans.read(splunkd, asked)
        findings = {task.key: task.finding for task in asked if task.finding is not None}
        keys = [task.key for task in tasks if task.kind in KINDS]
        answered: dict[str, list[Decision]] = {}
        damaged: dict[str, str] = {}
        for key, documents in by_task(splunkd, APPROVALS, keys).items():
            for document in documents:
                try:
                    answered.setdefault(key, []).append(Decision.from_document(document))
                except Curable as error:
                    damaged[key] = str(error)
        return cls(found.plans, findings, answered, found.damaged, damaged)

    @property
    def answers(self) -> list[Decision]:
        return [one for some in self.answered.values() for one in some]

    def counting(self, task: str) -> Sequence[Decision]:
        """The answers about a task that count."""
        return () if task in self.damaged_answers else self.answered.get(task, ())


def remediations(tasks: Sequence[Task], given: Given, rights: Rights, made: frozenset[str]) -> list[Remediation]:
    """The newest first. ``made``: those that have changed something, and can be undone."""
    titles = _titles()
    shown = [task for task in tasks if task.kind in KINDS]
    return [_remediation(task, given, rights, task.key in made, titles) for task in reversed(shown)]


def _remediation(
    task: Task, given: Given, rights: Rights, is_made: bool, titles: Mapping[str, str]
) -> Remediation:
    outcome = task.outcome if isinstance(task.outcome, Remediated) else None
    playbook = outcome.playbook if outcome else _text(task.request, "playbook")
    plan, may = _asked(task, given, rights)
    again = rights.retry(task) or rights.plan_again(task, task.key in given.damaged_plans)
    return Remediation(
        task=task.key,
        kind=task.kind,
        of=_text(task.request, "of"),
        playbook=playbook,
        title=titles.get(playbook, ""),
        mode=outcome.mode if outcome else "",
        state=task.state.value,
        waiting_for=task.waiting_for.value,
        status=outcome.status if outcome else "",
        text=worded.title(remediation_report(outcome)) if outcome else "",
        message=_message(task, outcome),
        asked_for_by=_text(task.request, "by") if task.kind == UNDO else task.owner,
        created_at=task.created_at,
        updated_at=task.updated_at,
        finished_at=outcome.finished_at if outcome else 0.0,
        due_at=0.0 if task.final else task.due_at,
        changes=changes_of(outcome) if outcome else (),
        instructions=_instructions(outcome) if outcome else (),
        plan=plan,
        damaged=given.damaged_plans.get(task.key) or given.damaged_answers.get(task.key, ""),
        may=(*may, *rights.undo(is_made), *again),
    )


def _message(task: Task, outcome: Remediated | None) -> str:
    """Of what waits for an approval, without the changes: they are shown by themselves."""
    if outcome is None:
        return one_line(task.message)
    summaries = " ".join(change.summary for change in changes_of(outcome))
    return one_line(task.message or outcome.message).replace(f"{WAITS}: {summaries}", f"{WAITS}.", 1)


def changes_of(outcome: Remediated) -> list[Change]:
    """What an outcome reports, or plans, resource by resource."""
    return [_change(one) for one in remediation_report(outcome).changes]


def _change(change: ChangeReport) -> Change:
    verified = "" if change.verified is None else "yes" if change.verified else "no"
    return Change(
        resource=one_line(change.resource),
        resource_type=one_line(change.resource_type),
        region=one_line(change.region),
        summary=one_line(change.summary),
        diff=states.diff(change.before, change.after).splitlines(),
        made=change.is_made,
        verified=verified,
        observed=one_line(change.observed),
        blast_radius=[one_line(sentence) for sentence in change.blast_radius],
    )


def _instructions(outcome: Remediated) -> list[Instruction]:
    return [Instruction(one_line(text), address) for text, address in remediation_report(outcome).instructions]


def _asked(task: Task, given: Given, rights: Rights) -> tuple[Plan | None, Sequence[str]]:
    """What people are asked about a task, and what of it the caller may answer."""
    if not task.final and task.kind == UNDO and time_limits.is_limit(task.request) and not is_asked(task):
        ends_at = max(time_limits.due(task.request), task.due_at)
        limit = time_limits.asked(task.created_at)
        return Plan(limit.digest, limit.at, ends_at, "undone", (), 0, ""), rights.keep()
    plan, finding = given.plans.get(task.key), given.findings.get(task.key)
    if plan is None or finding is None:
        return None, ()
    policy = rights.policy(finding, task)
    may, why_not = rights.on_plan(policy)
    return _plan(plan, policy, given.counting(task.key), why_not), may


def _plan(plan: Planned, policy: Policy, answers: Sequence[Decision], why_not: str) -> Plan:
    verdict = approvals.verdict_of(answers, plan.ask, policy)
    approved_by = [one_line(one.by) for one in verdict.answers if one.approved]
    if plan.delay:
        return Plan(plan.digest, plan.at, plan.at + plan.delay * 60, "made", approved_by, verdict.missing, why_not)
    ends_at = deadlines(plan, policy).ends_at
    return Plan(plan.digest, plan.at, ends_at, "expires", approved_by, verdict.missing, why_not)


def _titles() -> dict[str, str]:
    return dict(_named())


def _named() -> Iterator[tuple[str, str]]:
    yield from ((playbook.id, playbook.title) for playbook in registry.every())
    yield from ((one.id, one.title) for one in guide.every().values())


def _text(request: Mapping[str, object], name: str) -> str:
    value = request.get(name)
    return one_line(value) if isinstance(value, str) else ""
