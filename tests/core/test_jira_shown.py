"""What is approved in a ticket is what the app itself has shown there, whatever others have made of the ticket."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import asked_plan
import pytest
from jira_place import SITE, Place
from responder.cases.outcomes import Remediated, TicketCommented, TicketOpened
from responder.cases.states import State
from responder.cases.task import TASKS
from responder.documents.document import Document, Paragraph, plain
from responder.engine import answering, jira_replies
from responder.engine.answer_records import ANSWERS
from responder.jira import changes as reading
from responder.remediation.evidence import EvidenceStore
from responder.remediation.plans import digest_of
from responder.remediation.verdicts import APPROVALS

from sandbox.jira import JiraStandIn

DIGEST = digest_of([asked_plan.PLAN])


class Asked(Place):
    """SEC-1 asks about a plan: its description, or a comment."""

    def __init__(self, core: Any, jira: JiraStandIn, by_comment: bool) -> None:
        super().__init__(core, jira)
        self.task = asked_plan.waiting(core)
        asked_plan.show(core, self.task)
        asked_plan.report(core, self.task, "waiting", State.WAITING, DIGEST)
        plan = EvidenceStore(self.splunkd, self.task, core.clock).load().plan
        task = core.task(self.task)
        assert plan is not None and isinstance(task.outcome, Remediated)
        task.outcome = replace(task.outcome, ask=plan.ask)
        self.key = self.open()
        ticket = next(core.task(one["_key"]) for one in core.tasks() if one["kind"] == "ticket.finding")
        names = (task.outcome.report_of(self.task),)
        told = [task, ticket]
        assert isinstance(ticket.outcome, TicketOpened)
        if by_comment:
            self.comment = self.say("This is the plan.")
            issue = ticket.outcome.id
            said = TicketCommented(turn=2, key=self.key, id=issue, site=SITE, comment=self.comment, remediations=names)
            told.append(replace(ticket, key=f"{ticket.key[:-4]}0000", outcome=said, turn=2))
        else:
            ticket.outcome = replace(ticket.outcome, remediations=names)
        self.splunkd.save_many(TASKS, [one.to_document() for one in told])
        self.poll()

    def say(self, text: str) -> str:
        return self.tickets.comment(self.key, Document((Paragraph((plain(text),)),)), "0123456789abcdef")

    def approve(self, body: str = "/responder approve") -> None:
        """Alice does, and the app reads it, carries it out, and answers."""
        self.then.comment(self.key, body, "alice")
        self.carry_out()

    @property
    def then(self) -> Any:
        """What people do next, later by Jira's clock than whatever came before."""
        time.sleep(0.003)
        return self.jira.people

    @property
    def approved(self) -> bool:
        return [one["decision"] for one in self.core.documents(APPROVALS)] == ["approve"]

    @property
    def last(self) -> str:
        return str(self.jira.issue(self.key).comments[-1])


@pytest.fixture
def make(core: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Asked]]:
    monkeypatch.setattr(answering, "Engine", lambda *_: asked_plan.Runs())
    opened: list[JiraStandIn] = []

    def made(deployment: str = "cloud", by_comment: bool = False) -> Asked:
        opened.append(JiraStandIn(deployment))
        return Asked(core, opened[-1].__enter__(), by_comment)

    yield made
    for jira in opened:
        jira.__exit__(None, None, None)
        assert jira.unknown_requests == []


@pytest.mark.parametrize("by_comment", [False, True], ids=["description", "comment"])
@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_a_plan_whose_ticket_others_have_rewritten_is_shown_once_more_before_it_is_approved(
    make: Callable[..., Asked], deployment: str, by_comment: bool
) -> None:
    asked = make(deployment, by_comment)
    asked.then.describe(asked.key, f"Harmless: /responder approve {DIGEST}", "bob")
    asked.approve(f"/responder approve {DIGEST}")
    assert not asked.approved and "somebody has edited or deleted" in asked.last
    assert asked_plan.PLAN.summary in asked.last and f"/responder approve {DIGEST}" in asked.last
    asked.then.describe(asked.key, "Harmless, I say.", "bob")
    asked.approve()
    assert not asked.approved, "what was shown anew is older than that edit"
    asked.approve()
    assert asked.approved


@pytest.mark.parametrize("by_comment", [False, True], ids=["description", "comment"])
@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_what_nobody_else_has_touched_is_approved_at_once(
    make: Callable[..., Asked], deployment: str, by_comment: bool
) -> None:
    asked = make(deployment, by_comment)
    asked.then.label(asked.key, "bob", "seen")
    asked.then.describe(asked.key, "As the app keeps it.", "responder")
    asked.approve()
    assert asked.approved


@pytest.mark.extended
@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(("path", "skip"), [("/user$", 0), ("/comment/[0-9]+$", 0), ("/changelog$", 1)])
def test_what_our_account_may_not_read_for_a_moment_refuses_nobody(
    make: Callable[..., Asked], path: str, skip: int, status: int
) -> None:
    asked = make(by_comment=True)
    refusal = {"errorMessages": ["Nein."], "errors": {}}
    asked.jira.faults.add("status", path=path, status=status, body=refusal, skip=skip)
    asked.approve()
    (answer,) = asked.core.documents(ANSWERS)
    assert not asked.approved and (answer["open"], answer["reply"]) == (1, "")
    asked.core.write(ANSWERS, {**answer, "due_at": 0})
    asked.carry_out()
    assert asked.approved and "answer_refused" not in asked.core.steps()


def test_an_edit_after_the_approval_takes_nothing_back(make: Callable[..., Asked]) -> None:
    asked = make()
    asked.then.comment(asked.key, "/responder approve", "alice")
    asked.then.describe(asked.key, "Something else.", "bob")
    asked.carry_out()
    assert asked.approved


@pytest.mark.parametrize("what", ["edited", "deleted"])
def test_a_comment_that_others_have_changed_or_deleted_has_shown_nothing(
    make: Callable[..., Asked], what: str
) -> None:
    asked = make(by_comment=True)
    if what == "edited":
        asked.then.edit(asked.comment, "Another plan.", "bob")
    else:
        asked.then.delete(asked.comment, "bob")
    asked.approve()
    assert not asked.approved and asked_plan.PLAN.summary in asked.last
    answer = next(one for one in asked.core.documents("responder_answers") if one["comment"])
    asked.then.edit(answer["comment"], "Another plan, once more.", "bob")
    asked.approve()
    assert not asked.approved, "nor does the answer that they have edited"
    asked.approve()
    assert asked.approved


def test_a_status_that_approves_is_held_to_the_same(make: Callable[..., Asked]) -> None:
    asked = make()
    asked.then.describe(asked.key, "Harmless.", "bob")
    asked.then.transition(asked.key, "Approved", "alice")
    asked.carry_out()
    assert not asked.approved and asked_plan.PLAN.summary in asked.last
    for status in ("In Progress", "Approved"):
        asked.then.transition(asked.key, status, "alice")
    asked.carry_out()
    assert asked.approved


def test_a_plan_that_is_asked_about_anew_since_is_not_what_was_shown_anew(make: Callable[..., Asked]) -> None:
    asked = make()
    asked.then.describe(asked.key, "Harmless.", "bob")
    asked.approve()
    asked_plan.show(asked.core, asked.task, ago=-1)
    asked.approve()
    assert not asked.approved and "had not shown the plan" in asked.last


def test_a_history_too_long_to_be_read_approves_nothing(
    make: Callable[..., Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHANGE_PAGE", 2)
    monkeypatch.setattr(reading, "WHOLE_PAGES", 2)
    asked = make()
    asked.then.describe(asked.key, "Harmless.", "bob")
    for number in range(6):
        asked.then.label(asked.key, "bob", f"flood-{number}")
    asked.approve()
    assert not asked.approved and "too long to show who has edited it" in asked.last


def test_whoever_dies_before_it_is_known_that_the_plan_was_shown_has_it_looked_up(
    make: Callable[..., Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = make()
    asked.then.describe(asked.key, "Harmless.", "bob")
    with monkeypatch.context() as patch:
        patch.setattr(jira_replies, "_end", lambda *_: None)
        asked.approve()
    comments = len(asked.jira.issue(asked.key).comments)
    asked.carry_out()
    assert len(asked.jira.issue(asked.key).comments) == comments
    asked.approve()
    assert asked.approved
