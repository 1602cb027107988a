"""A no in a ticket that reports many remediations is for all that wait, whatever one of them is like."""

from __future__ import annotations

from typing import Any

import pytest
from asked_plan import PLAN
from core_findings import finding
from responder.cases.outcomes import TicketOpened
from responder.cases.states import State, WaitingFor
from responder.cases.task import TASKS
from responder.engine import jira_answering
from responder.engine.answer_records import Recorded
from responder.engine.answering import Answerer
from responder.remediation import runner
from responder.remediation.evidence import EvidenceStore
from responder.remediation.outcome import Outcome
from responder.remediation.verdicts import APPROVALS, JIRA, REJECT

MANY = 12


def ticket_of_many(core: Any) -> tuple[str, list[str]]:
    """A case's ticket, and the remediations that it reports; the first has no plan any more."""
    keys = [core.record(finding(n), "remediate", playbook="block_public_bucket", mode="approve") for n in range(MANY)]
    asked = [core.task(key) for key in keys]
    for task in asked:
        task.state, task.waiting_for, task.due_at = State.WAITING, WaitingFor.APPROVAL, core.clock() + 7200
    client = core.client()
    for key in keys[1:]:
        EvidenceStore(client, key, core.clock).plan("block_public_bucket", "approve", [PLAN])
    opened = core.task(core.record(finding(0), "create_ticket", project="SEC"))
    opened.state, opened.turn = State.DONE, 1
    opened.outcome = TicketOpened(turn=1, key="SEC-1", site="jira", project="SEC", id="10000", remediations=tuple(keys))
    client.save_many(TASKS, [task.to_document() for task in (*asked, opened)])
    return opened.case_id, keys


def test_a_no_rejects_all_that_wait(core: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        runner, "run", lambda request, ports: Outcome("block_public_bucket", "approve", "rejected", "Rejected.")
    )
    case, keys = ticket_of_many(core)
    now = core.clock()
    answer = Recorded("jira:1:c1", JIRA, "jira", REJECT, "u1", now, now, ticket="10000", case_id=case)
    said = jira_answering.WAY.verbs[REJECT](core.client(), core.services, answer, Answerer("kim", JIRA))
    answers = [one for key in keys for one in core.client().find(APPROVALS, {"task": key})]
    assert [(one["task"], one["decision"]) for one in answers] == [(key, REJECT) for key in keys[1:]]
    assert f"rejected {MANY - 1} of the {MANY}" in said.message and "has no plan" in said.message
    assert not said.is_reported
