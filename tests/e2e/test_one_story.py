"""The built app tells of one thief in one ticket and one thread, and of many findings of one kind in one of each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.aws import ACCOUNT
from sandbox.faults import Fault, Faults
from tests.e2e.kill_at import KillAt

DETECTIONS = ("trail_stopped", "bucket_made_public", "user_created", "key_created", "group_opened")


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


@pytest.fixture
def together(site: Any) -> Any:
    """A site with the app's own defaults."""
    site.world.save("settings", "general", {"audit_index": "main", "incident_hours": "24", "digest_limit": "10"})
    return site


def row(detection: str, resource: str, actor: str) -> dict[str, Any]:
    now = str(int(time.time()))
    return {
        "signature_id": detection,
        "signature": detection.replace("_", " ").capitalize(),
        "severity": "high",
        "vendor_account": ACCOUNT,
        "user": actor,
        "user_arn": f"arn:aws:iam::{ACCOUNT}:user/{actor}",
        "object_id": resource,
        "event_ids": [f"event-{detection}-{resource}"],
        "first_time": now,
        "last_time": now,
        "dedup_key": f"{detection}|{resource}",
    }


def test_five_cases_of_one_thief(together):
    world = together.world
    for number, detection in enumerate(DETECTIONS):
        for action in ("create_ticket", "notify_slack"):
            assert world.fire(action, [row(detection, f"r-{number}", "mara")], sid=f"run-{number}").ok
    (issue,) = world.jira.issues()
    assert len(issue.comments) == 4 and "This incident has 5 cases" in issue.comments[-1]
    assert len(together.messages()) == 1 and len(world.slack.messages()) == 5


@pytest.mark.parametrize("number", [60, pytest.param(1000, marks=pytest.mark.slow)])
def test_many_findings_of_one_kind_in_a_run(together, number):
    world = together.world
    rows = [row("trail_stopped", f"trail-{n}", f"user-{n}") for n in range(number)]
    for action in ("create_ticket", "notify_slack"):
        world.fire(action, rows, sid="run-of-many")
    world.work()
    (issue,) = world.jira.issues()
    assert f"{number} cases: " in issue.summary and not issue.comments
    assert "trail-59" in issue.description
    (file,) = [one for one in world.jira.attachments(issue.key) if one.name.endswith(".csv")]
    assert file.content.count(b"\n") == number + 1 and b"trail-59" in file.content
    assert len(world.slack.messages()) == 1
    told = together.tasks("ticket.finding") + together.tasks("slack.finding")
    assert {task["state"] for task in told} == {"done"} and len(told) == 2 * number


@pytest.mark.extended
def test_the_ticket_moves_once_each_of_its_cases_is_contained(together):
    world = together.world
    form = {**world.jira_form(), "contained_status": "done"}
    assert world.rest("POST", "cloudtrail_responder_jira_site/jira", data=form).ok
    rows = [{**together.open_ssh(), "user_arn": f"arn:aws:iam::{ACCOUNT}:user/deploy-bot"} for _ in range(2)]
    world.fire("create_ticket", rows, sid="both")
    categories = []
    for one in rows:
        assert world.fire("remediate", [one]).ok
        world.work()
        (issue,) = world.jira.issues()
        categories.append(issue.status_category)
    assert not any(together.open_to_world(one["object_id"]) for one in rows)
    assert categories[0] != "done" and categories[1] == "done"


def graver(together, **route):
    """A site that sets priority, due date and assignee, with a ticket about something of medium severity."""
    world = together.world
    form = {**world.jira_form(), "priority_by_severity": "critical=Highest, high=High, medium=Medium"}
    answer = world.rest("POST", "cloudtrail_responder_jira_site/jira", data={**form, "due_days_by_severity": "high=1"})
    assert answer.ok, answer.text
    columns = {"severity": "high", "assignee": "alice@example.com", **route}
    world.rest("POST", "storage/collections/data/responder_routes", json=columns).raise_for_status()
    assert world.fire("create_ticket", [{**row("trail_stopped", "a", "mara"), "severity": "medium"}]).ok
    return world


def test_a_graver_case_of_the_incident_raises_its_ticket_and_says_so(together):
    world = graver(together)
    assert world.fire("create_ticket", [{**row("group_opened", "x", "mara"), "severity": "medium"}]).ok
    (issue,) = world.jira.issues()
    assert (issue.priority, issue.raw["duedate"], issue.raw["assignee"]) == ("Medium", None, None)
    assert world.fire("create_ticket", [row("key_created", "b", "mara")]).ok
    (issue,) = world.jira.issues()
    assert issue.priority == "High" and issue.raw["duedate"] and issue.raw["assignee"].endswith("2")
    said = "More severe than before. Priority raised from Medium to High. Due date set to "
    assert [said in comment for comment in issue.comments] == [False, True]
    edits = [one for one in world.jira.requests if one.method == "PUT"]
    assert world.fire("create_ticket", [row("user_created", "c", "mara")]).ok
    assert [one for one in world.jira.requests if one.method == "PUT"] == edits, "it is no graver than that"


def test_what_a_person_has_set_is_not_raised(together):
    world = graver(together)
    (issue,) = world.jira.issues()
    world.jira.edit(issue.key, priority="5")
    assert world.fire("create_ticket", [row("key_created", "b", "mara")]).ok
    (issue,) = world.jira.issues()
    assert issue.priority == "Lowest" and issue.raw["duedate"]
    assert "Priority stays as it is, because a person has set it." in issue.comments[0]


@pytest.mark.extended
@pytest.mark.parametrize("before", [pytest.param(True, marks=pytest.mark.slow), False], ids=["before", "after"])
def test_killed_at_the_edit_that_raises_it(together, before):
    world = graver(together)

    def kill() -> None:
        for process in world.runner.handlers.processes("cloudtrail_responder"):
            if process.busy:
                process.popen.kill()

    world.jira.faults = KillAt("PUT", "/issue/", before, kill)
    for _ in range(100):
        if world.fire("create_ticket", [row("key_created", "b", "mara")], sid="the-same").exit_code == 0:
            break
        together.let_turns_end()
        time.sleep(0.3)
    (issue,) = world.jira.issues()
    assert issue.priority == "High" and len(world.jira.store.history(issue.id)) == 1
    assert len(issue.comments) == 1 and "Priority raised" in issue.comments[0]


class KillOnce(Faults):
    """Kills whoever answers the app's endpoints when a request that has come about is answered."""

    def __init__(self) -> None:
        super().__init__()
        self._once = threading.Lock()
        self.part, self.kill, self.hits = "", (lambda: None), 0

    def arm(self, part: str, kill: Callable[[], None]) -> None:
        self.part, self.kill = part, kill

    def take(self, method: str, path: str) -> Fault | None:
        with self._once:
            if self.part and method == "POST" and self.part in path:
                self.part, self.hits = "", self.hits + 1
                self.kill()
        return None


@pytest.mark.extended
@pytest.mark.parametrize("at", ["data/responder_incidents", "/comment"])
def test_killed_between_what_it_writes_and_what_it_does(together, at):
    world, killer = together.world, KillOnce()
    world.splunkd.faults = world.jira.faults = killer
    assert world.fire("create_ticket", [row("trail_stopped", "a", "mara")]).ok
    late = {**row("user_created", "b", "mara"), "last_time": str(int(time.time()) + 5 * 3600)}

    def kill() -> None:
        for process in world.runner.handlers.processes("cloudtrail_responder"):
            if process.busy:
                process.popen.kill()

    killer.arm(at, kill)
    for _ in range(100):
        if world.fire("create_ticket", [late], sid="the-same").exit_code == 0:
            break
        together.let_turns_end()
        time.sleep(0.3)
    (issue,) = world.jira.issues()
    assert killer.hits == 1 and len(issue.comments) == 1
    assert "User created" in issue.comments[0]
