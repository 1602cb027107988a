"""A case with its tickets, and what is done about them, for the tests of what becomes of tickets."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from sandbox.world import APP
from tests.e2e.kill_at import KillAt
from tests.eventually import eventually

SLOW = pytest.mark.slow
#: When a process is killed at a request.
BEFORE = pytest.param(True, id="before it has its effect", marks=SLOW)
AFTER = pytest.param(False, id="after it")
BOTH_WAYS = {"contained_status": "done", "undone_status": "to do"}
NAMES = (
    "contained_status", "contained_when", "contained_resolution", "undone_status", "excused_status",
    "excused_resolution", "moved_fields", "reopen_days", "link_type", "request_type", "organizations",
    "find_by_label", "save_untested",
)  # fmt: skip


@dataclass
class Desk:
    """One case: a finding of its own, its tickets, and what was done about them."""

    site: Any
    row: dict[str, Any]

    @property
    def jira(self) -> Any:
        return self.site.world.jira

    def options(self, **fields: str) -> None:
        form = {**dict.fromkeys(NAMES, ""), **self.site.world.jira_form(), **fields}
        answer = self.site.world.rest("POST", f"{APP}_jira_site/jira", data=form)
        assert answer.ok, answer.text

    def workflow(self, **changes: Any) -> None:
        self.jira.projects["SEC"] = replace(self.jira.projects["SEC"], **changes)

    def fire(self, *actions: str, row: dict[str, Any] | None = None, **parameters: str) -> None:
        for action in actions:
            self.site.world.fire(action, [row or self.row], parameters)

    def again(self) -> dict[str, Any]:
        """The same finding about a further event."""
        return dict(self.site.again(self.row))

    def undo(self) -> None:
        (task,) = self.tasks("remediation.run")
        assert self.site.world.rest("POST", "cloudtrail_responder/undo", json={"task": task["_key"]}).ok

    def due(self, kind: str = "ticket.transition") -> None:
        """Have the worker come by when everything of a kind is due, and what is unknown may be looked up."""

        def is_known() -> bool:
            self._come_by(kind)
            return all(task["state"] != "unknown" for task in self.tasks(kind))

        eventually(is_known)

    def _come_by(self, kind: str) -> None:
        for task in self.tasks(kind):
            if task["open"]:
                path = f"storage/collections/data/responder_tasks/{task['_key']}"
                self.site.world.rest("POST", path, json={**task, "due_at": 1.0}).raise_for_status()
        self.site.world.work()

    # -- what there is -----------------------------------------------------------------------------------------------

    @property
    def tickets(self) -> list[Any]:
        return [issue for issue in self.jira.issues() if self.row["object_id"] in issue.summary + issue.description]

    @property
    def ticket(self) -> Any:
        (found,) = self.tickets
        return found

    def tasks(self, kind: str) -> list[dict[str, Any]]:
        return [task for task in self.site.tasks(kind) if self.row["object_id"] in task["finding"]]

    @property
    def moves(self) -> list[dict[str, Any]]:
        return self.tasks("ticket.transition")

    def sent(self, path: str = "/transitions") -> list[Any]:
        return [one for one in self.jira.requests if one.method == "POST" and one.path.endswith(path)]

    def audited(self, step: str) -> list[dict[str, Any]]:
        wanted = f'sourcetype="cloudtrail_responder:audit" step={step}'
        found = self.site.world.splunkd.search(f"search index=main {wanted}").rows
        case = self.tasks("ticket.finding")[0]["case_id"]
        events = (json.loads(row["_raw"]) for row in found)
        return [event for event in events if event["case_id"] == case]


def killed_at(desk: Desk, method: str, path: str, before: bool, workers: list[Any] | None = None) -> KillAt:
    """Kills what is busy for the app at the first such request: before it has its effect, or after."""

    def kill() -> None:
        for process in desk.site.world.runner.handlers.processes(APP):
            if process.busy:
                process.popen.kill()
        for worker in workers or ():
            worker.kill()

    desk.jira.faults = fault = KillAt(method, path, before, kill)
    return fault
