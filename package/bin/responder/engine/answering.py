"""A person's answer about what waits for it: approve or reject. Every door by which answers come leads here.

What is decided about is the plan that the task has kept. To approve it, its digest is named: nobody approves what he
has not seen. What is decided stands, and where somebody else works on the case meanwhile, the worker sees to it.

An undo that will be made by itself, because the time limit of a playbook ends, is rejected to keep the change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..cases.store import TaskStore
from ..cases.task import Task
from ..errors import NotDone, NotedBefore, NotFound, Rejected
from ..remediation import approvals, time_limits
from ..remediation.asking import deadlines
from ..remediation.evidence import EvidenceStore, Planned
from ..remediation.verdicts import APPROVALS, APPROVE, JIRA, SLACK, SPLUNK, Decision, Policy, Verdict, utc
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from ..splunk.queries import any_of
from . import decisions
from .engine import Engine
from .report import TaskReport
from .services import Services

KINDS = ("remediation.run", "remediation.undo")
#: Seconds by which clocks of search heads may differ.
CLOCKS = 600.0
#: What makes a person known, by the way by which he answers.
_IDENTIFIED_BY = {
    SLACK: "Ask an administrator to add you as ID=user on the Slack tab, or to add the scope users:read.email.",
    JIRA: "Ask an administrator to add you as ID=user on the Jira sites tab.",
}


@dataclass(frozen=True)
class Answerer:
    """Who answers: as the service by which the answer came says, never as its body does."""

    #: The name that audit, ticket and thread show, and by which one person is told from another.
    by: str
    way: str = SPLUNK
    #: Whether the name is one by which Splunk or AWS may know the person, too. If not, nobody can tell whether two
    #: approvals are of two people, or of one who may not approve.
    is_identified: bool = True
    #: What change limits count an undo by.
    run: str = ""
    #: When the answer was written down, where that was before it is carried out: whoever began with it may have died.
    #: Epoch seconds by the clock of whoever wrote it, which may be another search head.
    since: float = 0.0


@dataclass(frozen=True)
class Answered:
    """What stands, and how the task is now. ``decision`` is empty while ``missing`` more approvals are needed."""

    decision: str
    by: str
    missing: int
    plan: str
    reports: Sequence[TaskReport]


def answer(
    splunkd: Splunkd, services: Services, key: str, decision: str, plan: str, who: Answerer, ask: str = ""
) -> Answered:
    """Write the answer down, and carry out what is decided by it.

    ``ask``: which asking is answered, where the same plan may have been asked about again since. Raises NotFound,
    Rejected for what is no answer or does not count, and NotDone where it is decided otherwise or it is too late:
    NotedBefore where this very answer counts already, and what it came to has gone on without it.
    """
    try:
        return _answer(splunkd, services, key, decision, plan, who, ask)
    except NotDone as error:
        if was_given(splunkd, [key], who, decision, plan):
            raise NotedBefore(f"Your answer was noted. {error.message}", error.hint) from error
        raise


def was_given(splunkd: Splunkd, tasks: Sequence[str], who: Answerer, decision: str, plan: str) -> bool:
    """Whether an answer that was written down counts already: whoever carried it out may have died after that.

    ``plan``: the one that was named; empty where none was.
    """
    for query in any_of("task", list(tasks)) if who.since else ():
        for given in splunkd.find(APPROVALS, query):
            is_it = (given.get("by"), given.get("way"), given.get("decision")) == (who.by, who.way, decision)
            is_meant = plan in ("", given.get("plan_digest"))
            if is_it and is_meant and float(given.get("at") or 0) >= who.since - CLOCKS:
                return True
    return False


def _answer(
    splunkd: Splunkd, services: Services, key: str, decision: str, plan: str, who: Answerer, ask: str
) -> Answered:
    config = Configuration(splunkd)
    task = TaskStore(splunkd).get(key)
    if task is None or task.kind not in KINDS:
        hint = "Take the key from the audit events (field task)."
        raise NotFound(f"No remediation is recorded as task {key}.", hint)
    if task.final:
        raise NotDone(f"Task {key} has ended already ({task.state.value}).", "There is nothing to decide any more.")
    asked, policy, now = _asked(splunkd, task, decision, plan), _policy(task, config), splunkd.now()
    if ask not in ("", asked.ask):
        raise NotDone(f"Task {key} has a newer question.", "Read its plan again, then decide.")
    given = Decision(key, asked.digest, asked.ask, decision, who.by, now, who.way)
    if given.approved:
        _check_time(given, asked, policy)
        _check_person(who, config, policy)
    verdict = approvals.record(splunkd, decisions.owing_its_event(given, task), policy)
    _check_stands(verdict, given)
    told = decisions.told(splunkd, verdict.answers, config.audit_index)
    reports = Engine(splunkd, services).run([key], patient=True) if verdict.decision else []
    if told != list(verdict.answers):
        approvals.keep(splunkd, told)
    decisions.settle(splunkd, told, config, reports)
    return Answered(verdict.decision, verdict.by, verdict.missing, asked.digest, reports)


def _asked(splunkd: Splunkd, task: Task, decision: str, named: str) -> Planned:
    """What is asked. Raises Rejected where nothing is, or something else than was looked at."""
    plan = EvidenceStore(splunkd, task.key, splunkd.now).load().plan
    if plan is None and time_limits.is_limit(task.request):
        plan = time_limits.asked(task.created_at)
    if plan is None:
        raise Rejected(f"Task {task.key} has no plan to decide about.", "Wait until it has made one.")
    if not named and decision == APPROVE:
        raise Rejected("No plan is named.", "Name plan=, from | respondwaiting: approve what you have read.")
    if named not in ("", plan.digest):
        raise NotDone(f"The plan of task {task.key} has changed.", "Look at it again, then decide.")
    return plan


def _check_person(who: Answerer, config: Configuration, policy: Policy) -> None:
    """Raises Rejected where it matters who approves, and nobody can tell."""
    if not who.is_identified and (config.safety.four_eyes or policy.needed > 1):
        raise Rejected(
            f"It matters who approves, and {who.by} is not known by an email address or as a Splunk user.",
            _IDENTIFIED_BY.get(who.way, _IDENTIFIED_BY[SLACK]),
        )


def _check_stands(verdict: Verdict, given: Decision) -> None:
    """Raises NotDone unless what stands is what was answered, or it is still open."""
    if verdict.closed:
        raise NotDone(
            "It is too late for an answer: the time was over, and it is being done or was not done.",
            "Look at the remediation; what was done can be undone.",
        )
    if verdict.decision not in ("", given.decision):
        was = "approved" if verdict.approved else "rejected"
        raise NotDone(f"{verdict.by} has {was} it already: your answer does not count.", "What was done can be undone.")


def _check_time(given: Decision, asked: Planned, policy: Policy) -> None:
    """Raises Rejected for an approval that comes too late; a rejection never does."""
    if asked.ask == time_limits.ASK:
        raise Rejected("It is taken back by itself when its time is over.", "Undo it now, or reject that to keep it.")
    ends_at = max(deadlines(asked, policy).ends_at, asked.at + asked.delay * 60)
    if given.at >= ends_at:
        raise NotDone(f"The time to answer was over at {utc(ends_at)}; nothing was done.", "Retry it to ask again.")


def _policy(task: Task, config: Configuration) -> Policy:
    if task.finding is None:
        raise Rejected(f"Task {task.key} has no finding.", "Run the alert again.")
    return Policy.of(config.safety, task.finding, *task.askers)
