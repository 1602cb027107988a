"""A person asks for the remediation of a case: through the gate of the alert action, and no further."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.world import APP
from tests.e2e.people import person

PLAYBOOK = "revoke_open_ingress"


@pytest.fixture
def site(worlds: Any, one_version: str) -> Any:
    return worlds.site(one_version)


@pytest.fixture
def bob(site: Any) -> str:
    return person(site.world, "bob", f"{APP}_analyst", APP)


@pytest.fixture
def row(site: Any) -> dict[str, Any]:
    """The finding of a case that has a ticket and no remediation."""
    found: dict[str, Any] = site.open_ssh()
    assert site.world.fire("create_ticket", [found]).exit_code == 0
    return found


def case_of(site: Any) -> str:
    (case,) = site.world.documents("responder_cases")
    return str(case["_key"])


def ask(site: Any, user: str, mode: str = "", playbook: str = PLAYBOOK, endpoint: str = "remediate") -> Any:
    body = {"case": case_of(site), "playbook": playbook, "mode": mode}
    return site.world.rest("POST", f"{APP}/{endpoint}", user, json=body)


def safety(site: Any, **fields: str) -> None:
    site.world.save("settings", "safety", {"default_mode": "enforce", "max_changes_per_run": "20", **fields})


def audited(site: Any, step: str) -> list[dict[str, Any]]:
    found = site.world.splunkd.search(f'`cloudtrail_responder_audit_index` step="{step}" | table by user playbook mode')
    return list(found.rows)


def test_what_is_asked_for_is_proved_done_told_and_audited(site: Any, bob: str, row: dict[str, Any]) -> None:
    safety(site)
    plan = ask(site, bob, endpoint="remediation_plan").json()
    assert (plan["default_mode"], plan["unproved"]) == ("enforce", "") and "0.0.0.0/0" in plan["message"]
    assert site.open_to_world(row["object_id"]) and site.tasks("remediation.run") == [], "a look changes nothing"
    (report,) = ask(site, bob).json()["reports"]
    assert report["state"] == "done" and not site.open_to_world(row["object_id"])
    (task,) = site.tasks("remediation.run")
    assert (task["owner"], task["case_id"]) == (bob, case_of(site))
    (event,) = audited(site, "remediation_requested")
    assert (event["by"], event["playbook"]) == (bob, PLAYBOOK)
    (ticket,) = site.world.jira.issues()
    assert any("Revoke" in str(comment) for comment in ticket.comments)
    again = ask(site, bob).json()["reports"][0]
    assert "has dealt with all of these events" in again["message"], "asked for once more it is not done once more"


@pytest.mark.extended
def test_no_mode_that_is_asked_for_is_higher_than_the_ceilings(site: Any, bob: str, row: dict[str, Any]) -> None:
    safety(site, playbook_ceilings=f"{PLAYBOOK}=simulate")
    assert ask(site, bob, endpoint="remediation_plan").json()["highest_mode"] == "simulate"
    (report,) = ask(site, bob, "enforce").json()["reports"]
    assert "Simulated" in report["message"] and site.open_to_world(row["object_id"])


@pytest.mark.extended
def test_with_four_eyes_whoever_asks_does_not_approve(site: Any, bob: str, row: dict[str, Any]) -> None:
    safety(site, four_eyes="1")
    kim = person(site.world, "kim", f"{APP}_analyst")
    (report,) = ask(site, bob, "approve").json()["reports"]
    assert report["waiting_for"] == "approval"
    second = ask(site, person(site.world, "eve", f"{APP}_analyst", APP), "approve")
    assert second.status_code == 409 and "is under way" in second.text
    plan = site.world.rest("POST", f"{APP}/waiting", kim, json={}).json()["waiting"][0]["plan"]
    body = {"task": report["task"], "decision": "approve", "plan": plan}
    refused = site.world.rest("POST", f"{APP}/approve", bob, json=body)
    assert refused.status_code == 400 and site.open_to_world(row["object_id"]), refused.text
    assert site.world.rest("POST", f"{APP}/approve", kim, json=body).json()["decision"] == "approve"
    assert not site.open_to_world(row["object_id"])


def test_a_finding_whose_records_are_not_there_waits_for_a_person(site: Any, bob: str) -> None:
    safety(site)
    forged = {**site.open_ssh(), "event_ids": ["6f0a0d4e-0000-4000-8000-000000000000"]}
    site.world.fire("create_ticket", [forged])
    assert "not proved" in ask(site, bob, endpoint="remediation_plan").json()["unproved"]
    (report,) = ask(site, bob, "enforce").json()["reports"]
    assert report["state"] == "waiting" and site.open_to_world(forged["object_id"])


def test_it_takes_the_right_to_see_cases_and_the_right_to_hand_findings_over(site: Any, row: dict[str, Any]) -> None:
    for role in (f"{APP}_analyst", APP, "user"):
        assert ask(site, person(site.world, f"only_{role}", role), "enforce").status_code == 403
    assert site.open_to_world(row["object_id"]) and site.tasks("remediation.run") == []


def test_what_cannot_answer_the_finding_says_why(site: Any, bob: str, row: dict[str, Any]) -> None:
    body = {"case": case_of(site)}
    found = site.world.rest("POST", f"{APP}/case_playbooks", bob, json=body).json()["playbooks"]
    by_id = {one["playbook"]: one for one in found}
    assert found[0]["playbook"] == PLAYBOOK and found[0]["recommended"] and not found[0]["why_not"]
    assert "access_key_id" in by_id["deactivate_access_key"]["why_not"]
    assert "AWS::S3::Bucket" in by_id["block_public_bucket"]["why_not"]
    for playbook in ("block_public_bucket", "nothing_like_it"):
        assert ask(site, bob, playbook=playbook).status_code == 400
    assert ask(site, bob, "at once").status_code == 400 and site.tasks("remediation.run") == []
