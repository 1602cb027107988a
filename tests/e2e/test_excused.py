"""A case is excused, on the built app: nobody is notified, nothing is changed, and both again when that is over."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.faults import Faults
from sandbox.world import ANALYST, APP
from tests.e2e.test_kill import KillAt
from tests.e2e.test_people_decide import ask_for, comments, search, work
from tests.e2e.test_sweep import configure, fresh_group, of, put, sweep

DAY = 86_400.0
REASON = "Known scanner, see CHG-7"


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


def case_of(site: Any, row: dict[str, Any]) -> str:
    return str(next(task["case_id"] for task in site.tasks() if row["object_id"] in task["finding"]))


def excuse(site: Any, user: str, **body: Any) -> Any:
    return site.world.rest("POST", f"{APP}/excuse", user, json={"reason": REASON, **body})


def excuses(site: Any) -> list[dict[str, Any]]:
    return [one for one in site.world.documents("responder_tasks") if one.get("excuse")]


def lapse(site: Any) -> None:
    """As if all excuses had been given 31 days ago, for 30 days."""
    for document in excuses(site):
        found = json.loads(document["excuse"])
        moved = {name: found[name] - 31 * DAY for name in ("at", "until", "kept_until")}
        put(site, "responder_tasks", {**document, "excuse": json.dumps({**found, **moved})})
    site.world.runner.handlers.stop(APP)


def audited(site: Any, step: str) -> list[dict[str, Any]]:
    found = site.world.splunkd.search(f'search index=main sourcetype="{APP}:audit" step={step} | dedup id')
    return [json.loads(row["_raw"]) for row in found.rows]


def test_an_analyst_excuses_in_a_search_what_waits_for_an_approval(site: Any, kim: str) -> None:
    row = ask_for(site)
    case = case_of(site, row)
    (waiting,) = search(site, "| respondwaiting", kim).json()["results"]
    refused = search(site, f'| respondexcuse case={case} reason="mine"', ANALYST)
    assert refused.status_code == 400 and "cloudtrail_responder_approve" in refused.text and excuses(site) == []
    for spl in (f"| respondexcuse case={case}", f'| respondexcuse case={case} days=x reason="y"', "| respondexcuse"):
        assert search(site, spl, kim).status_code == 400
    (given,) = search(site, f'| respondexcuse case={case} days=30 reason="{REASON}"', kim).json()["results"]
    assert (given["state"], given["by"], given["reason"]) == ("excused", "kim", REASON)
    (shown,) = search(site, f"| respondexcuses case={case}", kim).json()["results"]
    assert shown["until"] == given["until"] and shown["detection"] == row["signature_id"]
    assert search(site, "| respondwaiting", kim).json()["results"] == [] and site.open_to_world(row["object_id"])
    answer = {"task": waiting["task"], "plan": waiting["plan"], "decision": "approve"}
    assert site.world.rest("POST", f"{APP}/approve", kim, json=answer).status_code == 409
    (task,) = site.tasks("remediation.run")
    assert task["state"] == "refused" and "Nothing was changed" in task["message"] and "by kim" in task["message"]
    said = comments(site)
    assert said.count(f"by kim: {REASON}") == 2, "the case is excused, and what waited has ended"
    assert audited(site, "remediation_excused") and audited(site, "case_excused")[0]["by"] == "kim"


@pytest.mark.extended
def test_what_is_found_again_is_recorded_and_nobody_is_notified_until_the_excuse_is_over(site: Any, kim: str) -> None:
    row = ask_for(site)
    assert excuse(site, kim, case=case_of(site, row)).ok
    before, posted = comments(site), len(site.world.slack.messages())
    again = site.again(row)
    for action in ("create_ticket", "notify_slack"):
        assert site.world.fire(action, [again]).exit_code == 0
    assert site.world.fire("remediate", [again], {"mode": "enforce"}).exit_code == 0
    work(site)
    assert comments(site) == before and len(site.world.slack.messages()) == posted
    assert site.open_to_world(row["object_id"])
    assert len(audited(site, "finding_excused")) >= 3
    lapse(site)
    later = site.again(row)
    assert site.world.fire("create_ticket", [later]).exit_code == 0
    assert later["event_ids"][0] in comments(site)
    assert site.world.fire("remediate", [later], {"mode": "enforce"}).exit_code == 0
    assert not site.open_to_world(row["object_id"])


def test_what_was_done_stays_and_the_answer_says_how_to_undo_it(site: Any, kim: str) -> None:
    row = ask_for(site, "enforce")
    assert not site.open_to_world(row["object_id"])
    (task,) = site.tasks("remediation.run")
    answer = excuse(site, kim, task=task["_key"]).json()
    assert answer["made"] == [task["_key"]] and task["_key"] in answer["message"]
    assert not site.open_to_world(row["object_id"])
    assert site.world.rest("POST", f"{APP}/undo", kim, json={"task": task["_key"]}).ok
    assert site.open_to_world(row["object_id"])
    site.world.fire("remediate", [site.again(row)], {"mode": "enforce"})
    assert site.open_to_world(row["object_id"]), "it was excused, and so it stays"


@pytest.mark.extended
@pytest.mark.parametrize(
    "before", [pytest.param(True, id="request-lost", marks=pytest.mark.slow), pytest.param(False, id="answer-lost")]
)
def test_killed_in_the_middle_it_is_excused_or_not(site: Any, kim: str, before: bool) -> None:
    row = ask_for(site)
    case, killer, written = case_of(site, row), KillAt(), list[int]()

    def kill() -> None:
        for process in site.world.runner.handlers.processes(APP):
            process.popen.kill()

    for point in (5, 9, 12, 16):
        site.world.splunkd.faults = killer
        killer.arm(point, kill, before)
        excuse(site, kim, case=case)
        assert killer.hit, "the kill never came about"
        killer.disarm()
        site.world.splunkd.faults = Faults()
        site.let_turns_end()
        written.append(len(excuses(site)))
    assert written[-1] > 0
    for document in excuses(site):
        found = json.loads(document["excuse"])
        put(site, "responder_tasks", {**document, "excuse": json.dumps({**found, "at": found["at"] - 60})})
    work(site)
    (task,) = site.tasks("remediation.run")
    assert task["state"] == "refused" and "by kim" in task["message"] and site.open_to_world(row["object_id"])
    assert all(not one["unsettled"] for one in excuses(site))
    # The remediation's end says it, and the newest excuse does; one that nobody had heard of by then need not.
    assert 2 <= comments(site).count("Excused until") <= len(excuses(site)) + 1


@pytest.mark.extended
def test_the_sweep_keeps_to_it_and_tells_again_when_it_is_over(site: Any, kim: str) -> None:
    group = fresh_group(site)
    configure(site, mode="simulate")
    sweep(site)
    case = of(site, group)[0]["case_id"]
    assert excuse(site, kim, case=case).ok
    configure(site, mode="enforce")
    sweep(site)
    tickets = len(of(site, group, "ticket.finding"))
    assert site.open_to_world(group)
    lapse(site)
    for document in site.world.documents("responder_sweep", {"kind": "episode"}):
        put(site, "responder_sweep", {**document, "since": document["since"] - 2 * DAY})
    sweep(site)
    assert len(of(site, group, "ticket.finding")) == tickets + 1 and not site.open_to_world(group)
    sweep(site)
    assert len(of(site, group, "ticket.finding")) == tickets + 1
