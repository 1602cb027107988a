"""The console's page of one case, and what waits for an approval: what is shown, and what is offered to whom."""

from __future__ import annotations

import json
from typing import Any

import asked_plan
import pytest
from asked_plan import PLAN
from core_findings import ACCOUNT, finding
from responder.cases.keys import case_id
from responder.cases.states import State
from responder.cases.task import TASKS
from responder.errors import Curable
from responder.remediation.plans import digest_of

CASE = case_id("key-1")
ANALYST, OWNER = "cloudtrail_responder_analyst", "cloudtrail_responder"


@pytest.fixture
def people(core: Any) -> None:
    core.user("ana", "user", ANALYST)
    core.user("mallory", "user", ANALYST)
    core.user("vic", "user")


@pytest.fixture
def asked(core: Any, people: None) -> str:
    """A remediation that waits for an approval; its task."""
    key = asked_plan.waiting(core)
    asked_plan.show(core, key)
    asked_plan.report(core, key, "waiting", State.WAITING, digest_of([PLAN]))
    return key


def case(core: Any, user: str = "ana") -> dict[str, Any]:
    status, answer = core.post("case", {"case": CASE}, user=user)
    assert status == 200, answer
    # As a browser has it.
    return dict(json.loads(json.dumps(answer)))


def test_a_case_says_what_was_found_and_who_was_told(core: Any, people: None) -> None:
    found = finding(1, user="mallory", src_ip="203.0.113.9", command="PutBucketPolicy", last_time=1e9)
    assert core.ask(found).state == "done" and core.ask(found, "notify_slack").state == "done"
    shown = case(core)
    assert (shown["signature"], shown["alert"], shown["owner"]) == ("Some detection", "Alert", "pat")
    about = shown["finding"]
    assert (about["user"], about["src_ip"], about["account"]) == ("mallory", "203.0.113.9", ACCOUNT)
    assert shown["ticket"]["key"] == "SEC-1" and [one["channel"] for one in shown["threads"]] == ["C0123456"]
    said = [one["text"] for one in shown["history"]]
    assert said[0] == "Last event in CloudTrail" and "Case opened by the alert Alert" in said
    assert "Ticket SEC-1 opened" in said and any(one.startswith("Message in Slack") for one in said)
    assert shown["may"] == ["excuse", "assign"] and shown["remediations"] == []


def test_a_plan_that_waits_is_shown_as_a_diff_with_its_end(core: Any, asked: str) -> None:
    shown = case(core)
    (one,) = shown["remediations"]
    assert (one["task"], one["title"], one["status"]) == (asked, "Block public access to bucket", "waiting")
    (change,) = one["changes"]
    assert change["diff"] == ['+ PublicAccessBlock: "all"'] and not change["made"]
    assert change["blast_radius"] == ["It is a website."]
    plan = one["plan"]
    assert plan["digest"] == digest_of([PLAN]) and plan["then"] == "expires" and plan["missing"] == 1
    assert plan["ends_at"] == pytest.approx(plan["asked_at"] + 4 * 3600)
    assert one["may"] == ["approve", "reject"] and shown["state"]["approvals"] == 1


def test_whoever_did_it_is_not_offered_to_approve_it_where_four_eyes_are_needed(core: Any, asked: str) -> None:
    core.save("settings", "safety", four_eyes="1")
    for shown in (case(core, "mallory")["remediations"], approvals(core, "mallory")):
        (one,) = shown
        assert one["may"] == ["reject"] and "Four eyes" in one["plan"]["why_not"]
    assert case(core, "ana")["remediations"][0]["may"] == ["approve", "reject"]


def approvals(core: Any, user: str) -> list[dict[str, Any]]:
    status, answer = core.post("approvals", {}, user=user)
    assert status == 200, answer
    return [row["remediation"] for row in json.loads(json.dumps(answer))["approvals"]]


def test_what_waits_is_listed_with_its_case_and_plan(core: Any, asked: str) -> None:
    _, answer = core.post("approvals", {}, user="ana")
    (row,) = answer["approvals"]
    assert (row["case"], row["actor"], row["owner"]) == (CASE, "mallory", "pat") and answer["more"] == 0
    assert row["remediation"]["plan"]["digest"] == digest_of([PLAN]) and row["remediation"]["changes"]
    core.save("settings", "safety", kill_switch="1")
    assert core.post("approvals", {}, user="ana")[1]["kill_switch"] is True


def test_why_it_waits_is_said_without_the_changes_that_are_shown_below_it(core: Any, asked: str) -> None:
    task, more = core.task(asked), "The mode is approve. It waits until 16:40 UTC."
    task.message = f"Block public access waits for approval: {PLAN.summary} {more} Approve or reject it."
    core.client().save_many(TASKS, [task.to_document()])
    for (one,) in (case(core)["remediations"], approvals(core, "ana")):
        assert one["message"] == f"Block public access waits for approval. {more} Approve or reject it."


def test_an_answer_stands_in_the_history_with_who_gave_it(core: Any, asked: str) -> None:
    core.save("settings", "safety", approvals_needed="2")
    assert core.post("approve", {"task": asked, "decision": "approve", "plan": digest_of([PLAN])}, user="ana")[0] == 200
    (entry,) = [one for one in case(core)["history"] if one["kind"] == "answer"]
    assert (entry["text"], entry["by"], entry["task"]) == ("Approved", "ana", asked)
    plan = case(core)["remediations"][0]["plan"]
    assert (plan["approved_by"], plan["missing"]) == (["ana"], 1)


def test_what_was_changed_can_be_undone_by_whoever_may(core: Any, asked: str) -> None:
    asked_plan.report(core, asked, "done", State.DONE, made=True)
    shown = case(core)
    (one,) = shown["remediations"]
    assert one["may"] == ["undo"] and one["changes"][0]["verified"] == "yes"
    assert shown["state"]["text"] == "Contained and verified" and shown["state"]["kind"] == "success"
    assert case(core, "vic")["remediations"][0]["may"] == []


def test_a_task_that_needs_a_person_can_be_retried_and_one_that_is_done_cannot(core: Any, people: None) -> None:
    core.jira.errors.append((Curable("Project SEC does not exist.", "Correct it."), False))
    core.ask(1)
    core.ask(1, "notify_slack")
    offered = {task["kind"]: task["may"] for task in case(core)["tasks"]}
    assert offered["ticket.finding"] == ["retry"] and offered["slack.finding"] == []
    assert case(core, "vic")["tasks"][0]["may"] == [] and case(core, "vic")["may"] == []


def test_an_excuse_is_shown_and_can_be_lifted(core: Any, people: None) -> None:
    core.ask(1)
    assert core.post("excuse", {"case": CASE, "days": 7, "reason": "Known scanner"}, user="ana")[0] == 200
    shown = case(core)
    assert (shown["excuse"]["by"], shown["excuse"]["reason"]) == ("ana", "Known scanner")
    assert shown["state"]["text"] == "Excused" and shown["may"] == ["excuse", "lift", "assign"]
    assert any("Known scanner" in one["text"] for one in shown["history"] if one["kind"] == "excuse")


def test_a_damaged_answer_hides_nothing_of_the_case(core: Any, asked: str) -> None:
    core.client().insert("responder_approvals", {"_key": "odd", "task": asked, "decision": "approve"})
    assert case(core)["remediations"][0]["plan"]["approved_by"] == []


def test_a_damaged_answer_is_named_with_what_to_do(core: Any, asked: str) -> None:
    core.client().insert("responder_approvals", {"_key": "odd", "task": asked, "decision": "approve"})
    (one,) = case(core)["remediations"]
    assert one["damaged"].startswith("Approval odd is damaged.") and "responder_approvals" in one["damaged"]


def test_a_damaged_plan_is_named_with_what_to_do_and_can_be_made_anew(core: Any, asked: str) -> None:
    (document,) = core.documents("responder_evidence")
    core.hold(asked).release()
    core.write("responder_evidence", {**document, "body": "{broken"})
    (one,) = case(core)["remediations"]
    assert one["damaged"].startswith(f"Plan {document['_key']} is damaged") and one["plan"] is None
    assert "Delete it from the collection responder_evidence, then retry." in one["damaged"]
    (waits,) = core.post("approvals", {}, user="ana")[1]["approvals"]
    assert waits["remediation"]["damaged"] == one["damaged"]
    assert one["may"] == ["retry"] and case(core, "vic")["remediations"][0]["may"] == []
    status, answer = core.post("retry", {"task": asked}, user="ana")
    assert status == 200 and answer["reports"][0]["waiting_for"] == "person"
    assert "is damaged" in case(core)["remediations"][0]["message"]


def test_a_plan_that_is_missing_is_said_to_be_and_one_that_is_there_cannot_be_retried(core: Any, asked: str) -> None:
    assert core.post("retry", {"task": asked}, user="ana")[0] == 409
    assert case(core)["remediations"][0]["damaged"] == ""
    core.client().delete_where("responder_evidence", {"task": asked})
    (one,) = case(core)["remediations"]
    assert one["damaged"].startswith("Its plan is missing") and one["may"] == ["retry"]


@pytest.mark.parametrize(("given", "status"), [("0" * 20, 404), ("../../x", 400), ("", 400), (7, 400)])
def test_what_is_no_case_is_refused(core: Any, given: object, status: int) -> None:
    assert core.post("case", {"case": given}, user="ana")[0] == status


def test_no_secret_is_in_what_is_shown(core: Any, asked: str) -> None:
    core.ask(1)
    said = json.dumps([case(core), core.post("approvals", {}, user="ana"), core.post("cases", {}, user="ana")])
    assert "xoxb-token" not in said and '"token"' not in said


def assign(core: Any, assignee: str, was: str = "", user: str = "ana", case: str = CASE) -> tuple[int, Any]:
    status, answer = core.post("assign", {"case": case, "assignee": assignee, "was": was}, user=user)
    return status, answer


def test_a_case_is_given_to_somebody_who_may_see_it_and_is_found_by_that(core: Any, people: None) -> None:
    core.ask(1)
    core.ask(2)
    assert assign(core, "ana")[0] == 200
    assert case(core)["assignee"] == "ana" and "assign" in case(core)["may"]
    for asked in ("ana", "@me"):
        status, found = core.post("cases", {"assignee": asked}, user="ana")
        assert status == 200 and [(one["case"], one["assignee"]) for one in found["cases"]] == [(CASE, "ana")]
    assert core.post("cases", {"assignee": "@me"}, user="mallory")[1]["cases"] == []
    spl = 'search index=main sourcetype="cloudtrail_responder:audit" step=case_assigned | table by case_id before after'
    (event,) = core.splunkd.search(spl).rows
    assert event == {"by": "ana", "case_id": CASE, "before": "nobody", "after": "ana"}
    assert assign(core, "", was="ana")[0] == 200 and case(core)["assignee"] == ""


def test_nobody_is_overruled_by_an_assignment_that_they_have_not_seen(core: Any, people: None) -> None:
    core.ask(1)
    assert assign(core, "mallory", user="mallory")[0] == 200
    status, answer = assign(core, "ana")
    assert status == 409 and "belongs to mallory now" in answer["error"] and case(core)["assignee"] == "mallory"


@pytest.mark.parametrize(
    ("given", "status"),
    [({"assignee": "vic"}, 400), ({"assignee": "nobody-here"}, 400), ({"case": "0" * 20}, 404), ({"case": "x"}, 400)],
)
def test_what_cannot_be_assigned_is_refused(core: Any, people: None, given: dict[str, str], status: int) -> None:
    core.ask(1)
    assert assign(core, **{"assignee": "ana", **given})[0] == status and case(core)["assignee"] == ""


def test_those_who_may_see_cases_are_offered(core: Any, people: None) -> None:
    _, answer = core.post("assignees", {}, user="ana")
    names = [one["user"] for one in answer["people"]]
    assert {"ana", "mallory"} <= set(names) and "vic" not in names and answer["me"] == "ana"
