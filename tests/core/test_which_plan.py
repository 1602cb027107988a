"""Of several plans that wait in one case, the one is approved that is named, and none by guess, at every door."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from asked_plan import PLAN, Runs
from core_findings import finding
from responder.cases.states import State, WaitingFor
from responder.cases.task import TASKS
from responder.engine import answer_carrying, answer_records, answering, slack_commands
from responder.engine.answer_carrying import Carried, Way
from responder.engine.answer_records import ANSWERS, Recorded
from responder.engine.answering import Answerer
from responder.errors import NotDone, NotedBefore, NotFound
from responder.remediation.evidence import EvidenceStore
from responder.remediation.model import Call, Step
from responder.remediation.plans import digest_of
from responder.remediation.verdicts import APPROVALS, APPROVE, SLACK

OTHER = replace(
    PLAN,
    summary="Delete the policy of <!channel> bucket.",
    steps=(Step("BucketPolicy", "{}", None, Call("s3", "delete_bucket_policy")),),
)
FIRST, SECOND = digest_of([PLAN]), digest_of([OTHER])
ANA = Answerer("ana", SLACK, run="slack:envelope")


@pytest.fixture
def two(core: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Two remediations of one case that wait, by the digest of the plan of each."""
    monkeypatch.setattr(answering, "Engine", lambda *_: Runs())
    client, found = core.client(), {}
    for playbook, plan in (("block_public_bucket", PLAN), ("restore_bucket_policy", OTHER)):
        key = core.record(finding(1), "remediate", playbook=playbook, mode="approve")
        task = core.task(key)
        task.state, task.waiting_for, task.due_at = State.WAITING, WaitingFor.APPROVAL, core.clock() + 7200
        client.save_many(TASKS, [task.to_document()])
        EvidenceStore(client, key, core.clock).plan(playbook, "approve", [plan])
        found[digest_of([plan])] = key
    return found


def decided(core: Any) -> list[tuple[str, str]]:
    return sorted((one["task"], one["decision"]) for one in core.documents(APPROVALS))


def end(core: Any, two: dict[str, str]) -> None:
    for key in two.values():
        task = core.task(key)
        task.state, task.waiting_for = State.DONE, WaitingFor.NOTHING
        core.client().save_many(TASKS, [task.to_document()])


def case_of(two: dict[str, str]) -> str:
    (case,) = {key.partition(".")[0] for key in two.values()}
    return case


def test_slack_lists_what_waits_until_a_plan_is_named_and_approves_that_one(core: Any, two: dict[str, str]) -> None:
    case = case_of(two)

    def typed(text: str) -> str:
        return slack_commands.run(core.client(), core.services, text, ANA)

    for asked in (f"approve {case}", f"approve {case} {'0' * 16}"):
        lines = typed(asked).splitlines()
        assert len(lines) == 3 and decided(core) == []
        assert f"/responder approve {case} {FIRST} - Block public access to bucket., until " in "\n".join(lines)
        assert f"/responder approve {case} {SECOND} - Delete the policy of" in "\n".join(lines)
    assert typed(f"approve {case} {SECOND.upper()}").startswith("You have approved it.")
    assert decided(core) == [(two[SECOND], "approve")]


@pytest.mark.parametrize("ahead", [-1, 120])
def test_an_answer_that_is_carried_out_again_says_that_it_counts(core: Any, two: dict[str, str], ahead: float) -> None:
    """Whoever carried it out died before the person was told; another search head had written it down."""
    ana = replace(ANA, since=core.clock() + ahead)
    slack_commands.run(core.client(), core.services, f"approve {case_of(two)} {FIRST}", ana)
    end(core, two)
    again = slack_commands.run(core.client(), core.services, f"approve {case_of(two)} {FIRST}", ana)
    assert again == "It was noted."
    with pytest.raises(NotFound):
        slack_commands.run(core.client(), core.services, f"approve {case_of(two)} {SECOND}", ana)
    with pytest.raises(NotFound):
        slack_commands.run(core.client(), core.services, f"reject {case_of(two)}", ana)


def test_an_answer_that_counts_is_not_refused_because_somebody_else_went_on_with_it(
    core: Any, two: dict[str, str]
) -> None:
    """Whoever carried it out died when it counted; the worker went on with the task while the answer was read again."""
    ana, key = replace(ANA, since=core.clock()), two[FIRST]

    def answered(decision: str = "approve", who: Answerer = ana) -> Carried:
        given = answering.answer(core.client(), core.services, key, decision, FIRST, who)
        return answer_carrying.decided(given, decision)

    assert answered().message.startswith("You have approved it.")
    end(core, two)
    answer = Recorded("slack:envelope", SLACK, "acme", APPROVE, "u1", core.clock(), core.clock(), task=key, plan=FIRST)
    answer_records.write_down(core.client(), [answer])
    way = Way(SLACK, lambda *_: ana, {APPROVE: lambda *_: answered()}, lambda _: {}, lambda _1, _2, it, _4: not it[1])
    said = answer_carrying.carry_out(core.client(), core.services, way, answer)
    assert str(said).startswith(f"Your answer was noted. Task {key} has ended already (done).")
    (kept,) = core.documents(ANSWERS)
    assert (kept["open"], kept["reply"]) == (0, "") and decided(core) == [(key, "approve")]
    for decision, who in (("reject", ana), ("approve", replace(ana, by="kim")), ("approve", replace(ana, since=0.0))):
        with pytest.raises(NotDone) as refused:
            answered(decision, who)
        assert not isinstance(refused.value, NotedBefore) and "has ended already" in str(refused.value)


@pytest.mark.parametrize("plan", ["", SECOND])
def test_slack_rejects_the_plan_that_is_named_or_all_that_wait(core: Any, two: dict[str, str], plan: str) -> None:
    slack_commands.run(core.client(), core.services, f"reject {case_of(two)} {plan}", ANA)
    wanted = [two[plan]] if plan else two.values()
    assert decided(core) == sorted((key, "reject") for key in wanted)


def test_so_does_the_endpoint_and_with_it_the_search_command(core: Any, two: dict[str, str]) -> None:
    case = case_of(two)
    status, answer = core.post("approve", {"case": case, "decision": "approve"}, user="ana")
    assert status == 400 and decided(core) == []
    assert f"plan={FIRST} - Block public access" in answer["error"] and f"plan={SECOND} - Delete" in answer["error"]
    status, answer = core.post("approve", {"case": case, "decision": "approve", "plan": "0" * 16}, user="ana")
    assert status == 409 and f"plan={FIRST}" in answer["error"] and decided(core) == []
    status, answer = core.post("approve", {"case": case, "decision": "approve", "plan": SECOND}, user="ana")
    assert status == 200 and [report["task"] for report in answer["reports"]] == [two[SECOND]]
    assert decided(core) == [(two[SECOND], "approve")]
    status, answer = core.post("approve", {"case": case, "decision": "reject", "plan": FIRST}, user="ana")
    assert status == 200 and answer["decision"] == "reject"
    assert decided(core) == sorted([(two[FIRST], "reject"), (two[SECOND], "approve")])


def test_a_rejection_of_all_that_wait_says_which_it_does_not_count_for(core: Any, two: dict[str, str]) -> None:
    case = case_of(two)
    core.post("approve", {"case": case, "decision": "approve", "plan": SECOND}, user="ana")
    status, answer = core.post("approve", {"case": case, "decision": "reject"}, user="ana")
    assert status == 200 and answer["decision"] == "reject"
    said = {report["task"]: report["message"] for report in answer["reports"]}
    assert said[two[FIRST]] == "Said." and "your answer does not count" in said[two[SECOND]]


@pytest.mark.parametrize("number", [0, 1])
def test_an_approval_of_a_plan_says_which_of_its_tasks_it_does_not_count_for(
    core: Any, two: dict[str, str], number: int
) -> None:
    """Two alerts ask for the same, and one of them was answered already."""
    client = core.client()
    EvidenceStore(client, two[SECOND], core.clock).plan("restore_bucket_policy", "approve", [PLAN])
    keys = [row["task"] for row in core.post("waiting", {})[1]["waiting"]]
    assert core.post("approve", {"task": keys[number], "decision": "reject"}, user="ana")[0] == 200
    body = {"case": case_of(two), "decision": "approve", "plan": FIRST}
    status, answer = core.post("approve", body, user="ana")
    assert status == 200 and answer["decision"] == "approve"
    said = {report["task"]: report["message"] for report in answer["reports"]}
    assert said[keys[1 - number]] == "Said." and "your answer does not count" in said[keys[number]]
    typed = slack_commands.run(core.client(), core.services, f"approve {case_of(two)} {FIRST}", ANA)
    assert "You have approved 1 of the 2 remediations" in typed and "your answer does not count" in typed
