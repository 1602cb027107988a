"""Containment for a time, on the built app: it ends when its time is over, not before, and not what somebody keeps."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from responder.cases.outcomes import Remediated
from responder.cases.task import Task

from sandbox.world import APP
from tests.e2e.test_people_decide import HOUR, ask_for, comments, safety, search, time_is_over, work

EVERYONE = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


@pytest.fixture
def contained(site: Any) -> tuple[str, dict[str, Any]]:
    """A group that is closed for 8 hours, and the task that opens it again."""
    safety(site, playbook_time_limits="revoke_open_ingress=8")
    group = ask_for(site, "enforce")["object_id"]
    (run,), (undo,) = site.tasks("remediation.run"), site.tasks("remediation.undo")
    assert not site.open_to_world(group)
    assert finished_at(run) + 8 * HOUR <= undo["due_at"] <= time.time() + 8 * HOUR
    return group, undo


def finished_at(run: dict[str, Any]) -> float:
    """When the app says that a remediation was done."""
    outcome = Task.from_document(run).outcome
    assert isinstance(outcome, Remediated) and outcome.finished_at
    return outcome.finished_at


def keep(site: Any, kim: str, undo: dict[str, Any]) -> Any:
    return site.world.rest("POST", f"{APP}/approve", kim, json={"task": undo["_key"], "decision": "reject"})


def test_it_is_taken_back_when_its_time_is_over(site: Any, contained: Any) -> None:
    group, _ = contained
    work(site)
    assert not site.open_to_world(group), "its time is not over, whoever has it run"
    time_is_over(site)
    work(site)
    assert site.open_to_world(group) and "Undone" in comments(site)


def test_it_stays_where_somebody_keeps_it(site: Any, contained: Any, kim: str) -> None:
    group, undo = contained
    assert keep(site, kim, undo).json()["reports"][0]["state"] == "refused"
    time_is_over(site)
    work(site)
    assert not site.open_to_world(group)


@pytest.mark.extended
def test_to_keep_it_never_takes_it_back_though_reads_lag(site: Any, contained: Any, kim: str) -> None:
    group, undo = contained
    site.world.splunkd.kv.copy.lag(2.0, "responder_approvals")
    try:
        assert keep(site, kim, undo).json()["decision"] == "reject"
        assert not site.open_to_world(group)
        time_is_over(site)
        work(site)
        assert not site.open_to_world(group), "the worker cannot read it yet, and knows that"
    finally:
        site.world.splunkd.kv.copy.lag(0)
    work(site)
    (undo,) = site.tasks("remediation.undo")
    assert undo["state"] == "refused" and not site.open_to_world(group)


def test_nobody_has_it_taken_back_early_without_the_right_to_undo(site: Any, contained: Any, kim: str) -> None:
    group, undo = contained
    answer = site.world.rest("POST", f"{APP}/execute", undo["owner"], json={"tasks": [undo["_key"]]})
    (report,) = answer.json()["reports"]
    assert report["state"] == "refused" and "not one of yours" in report["message"]
    assert site.world.rest("POST", f"{APP}/retry", kim, json={"task": undo["_key"]}).status_code == 409
    assert not site.open_to_world(group)


@pytest.mark.extended
def test_the_kill_switch_puts_it_off_and_loses_nothing(site: Any, contained: Any, kim: str) -> None:
    group, _ = contained
    site.world.rest("POST", f"{APP}/kill_switch", kim, json={"state": "on"}).raise_for_status()
    time_is_over(site)
    work(site)
    (undo,) = site.tasks("remediation.undo")
    assert undo["state"] == "waiting" and "kill switch" in undo["message"] and not site.open_to_world(group)
    admin = site.world.splunkd.admin[0]
    site.world.rest("POST", f"{APP}/allow_changes", admin, json={}).raise_for_status()
    work(site)
    assert site.open_to_world(group)


@pytest.mark.extended
def test_whoever_is_to_keep_it_finds_it(site: Any, contained: Any, kim: str) -> None:
    _, undo = contained
    messages = json.dumps([vars(message) for message in site.world.slack.messages()], default=str)
    assert undo["_key"] in comments(site) and undo["_key"] in messages
    (shown,) = search(site, f"| respondwaiting case={undo['case_id']}", kim).json()["results"]
    assert shown["task"] == undo["_key"] and float(shown["ends_at"]) == pytest.approx(undo["due_at"])
    audit = site.world.splunkd.search('search index=main sourcetype="cloudtrail_responder:audit" | table step undo')
    assert {"step": "remediation_limited", "undo": undo["_key"]} in [dict(row) for row in audit.rows]
    kept = search(site, f"| respondapprove case={undo['case_id']} decision=reject", kim).json()["results"]
    assert kept[0]["state"] == "refused"




def found(site: Any, group: str, where: str) -> dict[str, Any]:
    """It is found by the same detection, or by another one, which has a case of its own about it."""
    other = {"dedup_key": f"another|{group}", "signature_id": "another"} if where == "other case" else {}
    return {**site.finding(group), **other}


#: Within a case, ``tests/aws/test_newer_changes.py`` says so, too.
@pytest.mark.extended
@pytest.mark.parametrize("where", [pytest.param("same case", marks=pytest.mark.slow), "other case"])
def test_an_older_limit_leaves_a_newer_containment_alone(site: Any, contained: Any, kim: str, where: str) -> None:
    group, first = contained
    site.world.aws.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[EVERYONE])
    site.world.fire("remediate", [found(site, group, where)], {"mode": "enforce"})
    (newer,) = [undo for undo in site.tasks("remediation.undo") if undo["_key"] != first["_key"]]
    keep(site, kim, newer).raise_for_status()
    time_is_over(site)
    work(site)
    assert not site.open_to_world(group)


@pytest.mark.extended
@pytest.mark.parametrize("where", ["same case", "other case"])
def test_what_is_found_again_while_it_is_contained_stays_as_long_as_if_it_were_done_then(
    site: Any, contained: Any, where: str
) -> None:
    group, undo = contained
    site.world.fire("remediate", [found(site, group, where)], {"mode": "enforce"})
    time_is_over(site)
    work(site)
    undo = next(one for one in site.tasks("remediation.undo") if one["_key"] == undo["_key"])
    found_again = max(map(finished_at, site.tasks("remediation.run")))
    assert not site.open_to_world(group) and undo["due_at"] >= found_again + 8 * HOUR
