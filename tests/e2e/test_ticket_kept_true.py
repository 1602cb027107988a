"""A ticket of the built app is kept true from what was found to after the undo, whatever happens to an answer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from sandbox.world import APP
from tests.eventually import eventually


def later(site: Any) -> None:
    """What the worker does once those few seconds are over."""
    for task in site.tasks():
        if task["due_at"] and task["kind"].startswith(("ticket.", "slack.")):
            path = f"storage/collections/data/responder_tasks/{task['_key']}"
            site.world.rest("POST", path, json={**task, "due_at": 1.0}).raise_for_status()
    (worker,) = [one for one in site.world.runner.inputs.instances() if one.scheme == "responder_worker"]
    site.world.runner.inputs.run_once(worker)


def state(site: Any) -> str:
    """The line of the ticket's box that says how the case stands."""
    (ticket,) = site.world.jira.issues()
    (line,) = [line for line in ticket.description.splitlines() if line.startswith("State: ")]
    return str(line.removeprefix("State: "))


def comes_to(site: Any, said: str) -> None:
    def is_said() -> bool:
        later(site)
        return state(site).startswith(said)

    eventually(is_said)


def test_a_ticket_says_how_its_case_stands_until_after_the_undo(site: Any, kim: str) -> None:
    row, jira = site.open_ssh(), site.world.jira
    for action in ("notify_slack", "create_ticket"):
        assert site.world.fire(action, [row]).exit_code == 0
    assert state(site) == "Found; nothing was changed by this app"
    (ticket,) = jira.issues()
    # The runbook that the build has compiled into the app.
    assert "To do now: Revoke the rules in the ticket" in ticket.description and "Runbook" in ticket.description
    assert site.world.fire("remediate", [row]).exit_code == 0
    lost = jira.faults.add("reset_after", method="PUT")
    comes_to(site, "Contained and verified")
    assert jira.faults.fired(lost)
    (task,) = site.tasks("remediation.run")
    (written,) = jira.issues()
    lines = written.description.partition("Timeline")[2].splitlines()
    stages = ("found", "message in Slack", "ticket created", "contained", "verified")
    places = [next(place for place, line in enumerate(lines) if f": {stage}" in line) for stage in stages]
    assert places == sorted(places) and any(": indexed in Splunk" in line for line in lines)
    assert f"| respondundo task={task['_key']}" in written.description
    assert site.world.rest("POST", f"{APP}/undo", kim, json={"task": task["_key"]}).ok
    comes_to(site, "Undone: the previous state is restored")
    (ticket,) = jira.issues()
    assert "respondundo" not in ticket.description and ticket.description.count("How this case stands") == 1
    first = site.messages()[0]
    assert "State: Undone" in first.visible_text.replace("*", "") and ticket.key in first.visible_text


def test_an_installation_that_may_not_edit_tickets_reports_no_failure_and_comments_as_before(site: Any) -> None:
    row, jira = site.open_ssh(), site.world.jira
    jira.projects["SEC"] = replace(jira.projects["SEC"], may_edit=False)
    for action in ("create_ticket", "remediate"):
        assert site.world.fire(action, [row]).exit_code == 0

    def has_ended() -> bool:
        later(site)
        return {task["state"] for task in site.tasks("ticket.state")} == {"done"}

    eventually(has_ended)
    assert state(site) == "Found; nothing was changed by this app"
    (ticket,) = jira.issues()
    assert any("Done" in comment for comment in ticket.comments)
    (line,) = site.world.rest("POST", f"{APP}/health", json={"checks": ["Jira sites"]}).json()["lines"]
    assert (line["level"], line["to_do"]) == ("amber", "Grant the permission Edit issues.")


@pytest.mark.extended
def test_plan_and_evidence_are_attached_and_no_record_that_its_owner_may_not_read(site: Any) -> None:
    row, jira = site.open_ssh(), site.world.jira
    for action in ("create_ticket", "remediate"):
        assert site.world.fire(action, [row]).exit_code == 0
    (ticket,) = jira.issues()

    def files() -> dict[str, Any]:
        later(site)
        return {one.name.partition("-")[0]: json.loads(one.content) for one in jira.attachments(ticket.key)}

    eventually(lambda: len(files()) == 2)
    held = files()
    assert held["records"]["finding"]["object_id"] == row["object_id"] and held["records"]["records"] == []
    changed = [change["resource"].rpartition("/")[2] for change in held["evidence"]["changes"]]
    assert held["evidence"]["status"] == "done" and changed == [row["object_id"]]
    assert len(jira.attachments(ticket.key)) == 2, "each once"
