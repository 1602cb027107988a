"""When something goes wrong, on the built app: who hears of it, what is listed, and how it is tried again.

Time passes by moving what is written down into the past.
"""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest

from sandbox.faults import Fault, Faults
from sandbox.world import ANALYST, APP

HOUR, OPS = 3600.0, "general"


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


@pytest.fixture
def operated_site(site: Any) -> Any:
    """A site with an operations channel."""
    site.world.save("settings", "general", {"audit_index": "main", "operations_channel": f"#{OPS}"})
    work(site)
    return site


def work(site: Any, on_start: Any = None) -> int:
    (instance,) = [i for i in site.world.runner.inputs.instances() if i.scheme == "responder_worker"]
    return int(site.world.runner.inputs.run_once(instance, on_start).exit_code)


def time_passes(site: Any, hours: float) -> None:
    seconds = hours * HOUR
    for mark in site.world.documents("responder_marks"):
        key, value = mark["_key"], mark.get("value") or ""
        if key.startswith(("breaker:", "outage:", "attention")):
            moved = json.loads(value) if value.startswith("{") else value
            if isinstance(moved, dict):
                times = ("until", "since", "back", "over_at")
                moved.update({name: moved[name] - seconds for name in times if moved.get(name)})
                value = json.dumps(moved)
            write(site, "responder_marks", {**mark, "value": value, "at": mark["at"] - seconds})
        if key.startswith("attention_time:"):
            site.world.rest("DELETE", f"storage/collections/data/responder_marks/{key}").raise_for_status()
    for task in site.tasks():
        moved = {name: task[name] - seconds for name in ("due_at", "created_at", "updated_at") if task[name]}
        write(site, "responder_tasks", {**task, **moved})


def is_left_alone(site: Any) -> None:
    """Nothing is sent to what is away in the next ten minutes."""
    for mark in site.world.documents("responder_marks"):
        if mark["_key"].startswith("breaker:"):
            value = {**json.loads(mark["value"]), "until": time.time() + 600}
            write(site, "responder_marks", {**mark, "value": json.dumps(value)})


def write(site: Any, collection: str, document: dict[str, Any]) -> None:
    path = f"storage/collections/data/{collection}/{document['_key']}"
    site.world.rest("POST", path, json=document).raise_for_status()


def messages(site: Any) -> list[str]:
    return [message.text for message in site.world.slack.messages(OPS)]


def bulletins(site: Any) -> list[str]:
    ours = (one for one in site.world.splunkd.bulletin.all() if one.name.startswith(APP))
    return [one.text for one in ours if re.search("_(failures|outage)_", one.name)]


def search(site: Any, spl: str, user: str) -> Any:
    return site.world.rest("POST", "search/jobs", user, data={"search": spl, "exec_mode": "oneshot", "count": 0})


def test_a_token_that_is_wrong_is_reported_listed_and_tried_again_by_them(operated_site: Any, kim: str) -> None:
    site = operated_site
    right = site.world.jira_form()
    form = {**right, "api_token": "wrong-token-value", "save_untested": "1"}
    site.world.rest("POST", f"{APP}_jira_site/jira", data=form).raise_for_status()
    for row in (site.open_ssh(), site.open_ssh()):
        assert site.world.fire("create_ticket", [row]).exit_code == 3
    time_passes(site, 1)
    assert work(site) == 0
    (shown,), (message,) = bulletins(site), messages(site)
    assert "2 tasks of Jira 'jira' wait for a setting" in shown and "| respondretry service=jira:jira" in shown
    assert "Jira 'jira': 2 tasks wait" in message and "token" in message and "wrong-token-value" not in message
    rows = search(site, "| respondfailures", kim).json()["results"]
    assert {row["service"] for row in rows} == {"jira:jira"} and len(rows) == 2
    assert search(site, "| respondretry", kim).status_code == 400
    refused = search(site, "| respondretry state=waiting", ANALYST)
    assert refused.status_code == 400 and "cloudtrail_responder_approve" in refused.text
    site.world.rest("POST", f"{APP}_jira_site/jira", data=right).raise_for_status()
    *tried, counted = search(site, "| respondretry service=jira state=waiting", kim).json()["results"]
    assert [row["state"] for row in tried] == ["done", "done"] and counted["message"] == "Tried again: 2 (2 done)."
    assert len(site.world.jira.issues()) == 2
    time_passes(site, 1)
    assert work(site) == 0
    assert bulletins(site) == [] and len(messages(site)) == 1
    assert search(site, "| respondfailures", kim).json()["results"] == []


class KillAt(Faults):
    """Kills a process with -9 as a request to splunkd arrives, which has its effect all the same."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path, self.process, self.hits = path, None, 0

    def take(self, method: str, path: str) -> Fault | None:
        if self.process is not None and method == "POST" and re.search(self.path, path):
            self.process.kill()
            self.process, self.hits = None, self.hits + 1
        return super().take(method, path)

    def armed(self, process: Any) -> None:
        self.process = process


@pytest.mark.extended
@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/services/messages$", id="bulletin"),
        pytest.param("/data/responder_tasks$", id="task", marks=pytest.mark.slow),
    ],
)
def test_four_hours_without_jira_and_a_worker_that_is_killed_are_two_messages(operated_site: Any, path: str) -> None:
    """Killed behind the mark of the outage: as it writes the message in Splunk Web, or the one to be posted."""
    site = operated_site
    away = site.world.jira.faults.add("reset", count=None)
    site.world.fire("create_ticket", [site.open_ssh() for _ in range(4)])
    time_passes(site, 4)
    is_left_alone(site)
    killer = KillAt(path)
    site.world.splunkd.faults = killer
    work(site, killer.armed)
    site.world.splunkd.faults = Faults()
    assert killer.hits == 1
    for _ in range(2):
        time_passes(site, 0.1)
        site.let_turns_end()
        work(site)
    (late,) = messages(site)
    assert "Jira 'jira' has not answered since" in late and "4 tickets and comments are late" in late
    assert len(bulletins(site)) == 1
    site.world.jira.faults.clear(away)
    for _ in range(4):
        time_passes(site, 0.2)
        site.let_turns_end()
        assert work(site) == 0
    assert len(site.world.jira.issues()) == 4
    _, back = messages(site)
    assert "Late tickets and comments: 4 done." in back and bulletins(site) == []
