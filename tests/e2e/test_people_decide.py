"""People decide, on the built app: by search command, in time or not at all."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from responder.cases.task import Task

from sandbox.world import ANALYST, APP, SetupRefused

HOUR = 3600.0


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


def safety(site: Any, **fields: str) -> None:
    site.world.save("settings", "safety", {"default_mode": "enforce", "max_changes_per_run": "20", **fields})


def search(site: Any, spl: str, user: str) -> Any:
    return site.world.rest("POST", "search/jobs", user, data={"search": spl, "exec_mode": "oneshot", "count": 0})


def ask_for(site: Any, mode: str = "approve") -> dict[str, Any]:
    """An alert with a ticket, a message and a remediation; gives the finding's row."""
    row = site.open_ssh()
    for action in ("create_ticket", "notify_slack"):
        assert site.world.fire(action, [row]).exit_code == 0
    site.world.fire("remediate", [row], {"mode": mode})
    return row


def later(site: Any, seconds: float) -> None:
    """As if so much time had passed since it was asked for, and the plan shown; then the worker comes by."""
    planned = site.world.documents("responder_evidence", {"kind": "planned"})
    earlier(site, "responder_evidence", planned, seconds, "at")
    earlier(site, "responder_tasks", site.tasks("remediation.run"), seconds, "created_at", "requested_at")
    work(site)


def earlier(site: Any, collection: str, documents: list[dict[str, Any]], seconds: float, *fields: str) -> None:
    for document in documents:
        moved = {name: document[name] - seconds for name in fields if document[name]}
        path = f"storage/collections/data/{collection}/{document['_key']}"
        site.world.rest("POST", path, json={**document, **moved}).raise_for_status()


def time_is_over(site: Any) -> None:
    """As if the time limits of all changes had ended."""
    for undo in site.tasks("remediation.undo"):
        request = {**json.loads(undo["request"]), "not_before": time.time() - 1}
        path = f"storage/collections/data/responder_tasks/{undo['_key']}"
        site.world.rest("POST", path, json={**undo, "request": json.dumps(request)}).raise_for_status()


def work(site: Any) -> None:
    for _ in range(2):
        for task in site.tasks():
            if task["due_at"]:
                path = f"storage/collections/data/responder_tasks/{task['_key']}"
                site.world.rest("POST", path, json={**task, "due_at": time.time() - 1}).raise_for_status()
        (instance,) = [i for i in site.world.runner.inputs.instances() if i.scheme == "responder_worker"]
        assert site.world.runner.inputs.run_once(instance).exit_code == 0


def comments(site: Any) -> str:
    (ticket,) = site.world.jira.issues()
    return "\n".join(ticket.comments)


def test_an_analyst_sees_what_waits_and_approves_it_in_a_search(site: Any, kim: str) -> None:
    row = ask_for(site)
    (waiting,) = search(site, "| respondwaiting", kim).json()["results"]
    assert waiting["playbook"] == "revoke_open_ingress" and "tcp 22 from 0.0.0.0/0" in waiting["summary"]
    unseen = search(site, f"| respondapprove case={waiting['case']}", kim)
    assert unseen.status_code == 400 and "Name plan=" in unseen.text
    refused = search(site, f"| respondapprove case={waiting['case']} plan={waiting['plan']}", ANALYST)
    assert refused.status_code == 400 and "cloudtrail_responder_approve" in refused.text
    assert site.open_to_world(row["object_id"])
    (done,) = search(site, f"| respondapprove case={waiting['case']} plan={waiting['plan']}", kim).json()["results"]
    assert (done["decision"], done["by"], done["state"]) == ("approve", "kim", "done")
    assert not site.open_to_world(row["object_id"])
    assert search(site, "| respondwaiting", kim).json()["results"] == []
    undo = f"| respondundo task={waiting['task']}"
    (planned,) = search(site, f"{undo} dry_run=true", kim).json()["results"]
    assert planned["state"] == "would undo" and "0.0.0.0/0" in planned["message"]
    assert not site.open_to_world(row["object_id"]), "a dry run changes nothing"
    assert search(site, f"{undo} dry_run=perhaps", kim).status_code == 400
    search(site, "| respondkillswitch state=on", kim)
    (stopped,) = search(site, f"{undo} dry_run=true", kim).json()["results"]
    assert stopped["state"] == "refused", "and it does not say that all is as it was before"
    search(site, "| respondkillswitch state=off", site.world.splunkd.admin[0])
    (undone,) = search(site, undo, kim).json()["results"]
    assert undone["state"] == "done" and site.open_to_world(row["object_id"])


def test_the_kill_switch_is_a_search_away(site: Any, kim: str) -> None:
    (stopped,) = search(site, "| respondkillswitch state=on", kim).json()["results"]
    assert (stopped["state"], stopped["by"]) == ("on", "kim")
    row = ask_for(site, "enforce")
    assert site.open_to_world(row["object_id"]) and "kill switch" in comments(site)
    assert search(site, "| respondkillswitch state=off", kim).status_code == 400
    (started,) = search(site, "| respondkillswitch state=off", site.world.splunkd.admin[0]).json()["results"]
    assert started["state"] == "off"


def test_what_is_protected_is_refused_and_ticket_thread_and_audit_say_why(site: Any) -> None:
    entry = '| makeresults | eval kind="resource", pattern="*security-group/*", reason="an exercise", owner="ana"'
    made = f'{entry}, expires=relative_time(now(), "+1d") | fields - _time | outputlookup append=t responder_protected'
    site.world.splunkd.search(made)
    row = ask_for(site, "enforce")
    assert site.open_to_world(row["object_id"])
    messages = "".join(json.dumps(vars(message), default=str) for message in site.world.slack.messages())
    said = 'step=remediation_refused | where like(message, "%reason: an exercise; owner: ana%")'
    audited = site.world.splunkd.search(f'search index=main sourcetype="cloudtrail_responder:audit" {said}').rows
    assert "reason: an exercise" in comments(site) and "reason: an exercise" in messages and len(audited) == 1


@pytest.mark.extended
def test_a_limit_that_is_reached_is_said_loudly_and_an_administrator_resets_it(site: Any, kim: str) -> None:
    safety(site, max_changes_per_hour="1", escalation_channel="#general")
    first, second, third = (ask_for(site, "enforce") for _ in range(3))
    assert [site.open_to_world(row["object_id"]) for row in (first, second, third)] == [False, True, True]
    work(site)
    messages = [json.dumps(vars(message), default=str) for message in site.world.slack.messages()]
    assert sum("A limit on changes was reached" in message for message in messages) == 1
    (bulletin,) = site.world.splunkd.bulletin.all()
    assert "those beyond the limit wait for a person" in bulletin.text
    (stopped,) = search(site, "| respondchangelimits | where state=\"stopped\"", kim).json()["results"]
    assert (stopped["scope"], stopped["used"], stopped["limit"]) == ("all", "1", "1")
    assert search(site, "| respondchangelimits reset=all", kim).status_code == 400
    reset = search(site, "| respondchangelimits reset=all", site.world.splunkd.admin[0]).json()["results"]
    assert all(row["state"] == "open" for row in reset)


@pytest.mark.extended
def test_what_nobody_answers_is_escalated_and_then_not_done(site: Any) -> None:
    safety(site, escalation_channel="#general")
    row = ask_for(site)
    later(site, 2.5 * HOUR)
    messages = [json.dumps(vars(message), default=str) for message in site.world.slack.messages()]
    assert sum("Nobody has answered yet" in message for message in messages) == 1
    assert "Still waiting for approval" in comments(site)
    later(site, 2 * HOUR)
    assert "nobody answered within 4 hours" in comments(site) and site.open_to_world(row["object_id"])
    (task,) = site.tasks("remediation.run")
    assert task["state"] == "refused"
    assert site.world.rest("POST", f"{APP}/retry", json={"task": task["_key"]}).status_code == 200
    (again,) = site.world.rest("POST", f"{APP}/waiting", json={}).json()["waiting"]
    assert again["task"] == task["_key"] and again["ends_at"] > time.time()
    later(site, 2.5 * HOUR)
    messages = [json.dumps(vars(message), default=str) for message in site.world.slack.messages()]
    assert sum("Nobody has answered yet" in message for message in messages) == 2, "what is asked again is told again"
    assert comments(site).count("Still waiting for approval") == 2


@pytest.mark.extended
def test_what_is_asked_again_days_later_waits_for_an_answer(site: Any) -> None:
    ask_for(site)
    later(site, 5 * HOUR)
    earlier(site, "responder_tasks", site.tasks("remediation.run"), 70 * HOUR, "created_at", "requested_at")
    (task,) = site.tasks("remediation.run")
    site.world.rest("POST", f"{APP}/retry", json={"task": task["_key"]}).raise_for_status()
    (task,) = site.tasks("remediation.run")
    assert (task["state"], task["waiting_for"]) == ("waiting", "approval")


@pytest.mark.extended
def test_an_approval_that_its_own_run_cannot_read_yet_is_not_forgotten(site: Any, kim: str) -> None:
    group = ask_for(site)["object_id"]
    (waiting,) = site.world.rest("POST", f"{APP}/waiting", kim, json={}).json()["waiting"]
    body = {"task": waiting["task"], "plan": waiting["plan"], "decision": "approve"}
    site.world.splunkd.kv.copy.lag(2.0, "responder_approvals")
    try:
        answer = site.world.rest("POST", f"{APP}/approve", kim, json=body)
    finally:
        site.world.splunkd.kv.copy.lag(0)
    assert answer.json()["decision"] == "approve" and site.open_to_world(group)
    (instance,) = [i for i in site.world.runner.inputs.instances() if i.scheme == "responder_worker"]
    assert site.world.runner.inputs.run_once(instance).exit_code == 0
    assert not site.open_to_world(group)


@pytest.mark.extended
def test_an_undo_that_is_refused_is_no_success(site: Any, kim: str) -> None:
    ask_for(site, "enforce")
    (task,) = site.tasks("remediation.run")
    site.world.rest("POST", f"{APP}/kill_switch", kim, json={"state": "on"}).raise_for_status()
    answer = site.world.rest("POST", f"{APP}/undo", kim, json={"task": task["_key"]})
    assert answer.status_code == 409 and "kill switch" in answer.text
    found = search(site, f"| respondundo task={task['_key']}", kim)
    assert found.status_code == 400 and "Not undone" in found.text


def test_with_four_eyes_nobody_who_stands_behind_a_remediation_approves_its_undo(site: Any, kim: str) -> None:
    safety(site, four_eyes="1")
    ask_for(site, "enforce")
    (of,) = site.tasks("remediation.run")
    site.world.rest("POST", f"{APP}/undo", kim, json={"task": of["_key"]}).raise_for_status()
    (undo,) = map(Task.from_document, site.tasks("remediation.undo"))
    assert {of["owner"], "kim"} <= set(undo.askers)


def test_a_channel_that_there_is_none_of_is_found_out_when_it_is_saved(site: Any) -> None:
    with pytest.raises(SetupRefused, match="security-leads"):
        safety(site, escalation_channel="#security-leads")
