"""What becomes of tickets, on the built app: they move with their case, once, and never against a person."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from sandbox.faults import Faults
from sandbox.jira.model import DEFAULT_PROJECTS, TRANSITIONS, ScreenField, Transition
from sandbox.runner import interpreters
from sandbox.world import APP
from tests.e2e.kill_at import KillAt
from tests.eventually import eventually

DAY = 86_400.0
SLOW = pytest.mark.slow
BOTH_WAYS = {"contained_status": "done", "undone_status": "to do"}
RESOLUTION = ScreenField("resolution", "Resolution", True)
NAMES = (
    "contained_status", "contained_when", "contained_resolution", "undone_status", "excused_status",
    "excused_resolution", "reopen_days", "link_type", "request_type", "organizations", "find_by_label", "save_untested",
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


@pytest.fixture(scope="module")
def shared(worlds: Any, one_version_of_file: str) -> Any:
    """One world for the file: each test has a case, and so a ticket, of its own."""
    return worlds.site(one_version_of_file)


@pytest.fixture(scope="module")
def one_version_of_file() -> str:
    versions = interpreters.available()
    if not versions:
        pytest.skip("neither Python 3.9 nor 3.13 is on this machine")
    return str(versions[-1])


@pytest.fixture
def desk(shared: Any) -> Desk:
    jira = shared.world.jira
    jira.faults, jira.projects = Faults(), {project.key: project for project in DEFAULT_PROJECTS}
    jira.requests.clear()
    return Desk(shared, dict(shared.open_ssh()))


# Moving


def test_a_contained_case_closes_its_ticket_and_an_undone_one_opens_it(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    desk.fire("create_ticket", "remediate")
    assert desk.ticket.status == "Done"
    desk.undo()
    assert desk.ticket.status == "To Do"
    moved = sorted((event["event"], event["ticket_status"]) for event in desk.audited("ticket_moved"))
    assert moved == [("contained", "Done"), ("undone", "To Do")]
    assert len(desk.sent()) == 2 and desk.jira.unknown_requests == []


def test_without_these_options_nothing_is_asked_or_moved(desk: Desk) -> None:
    desk.options()
    desk.fire("create_ticket", "remediate")
    desk.undo()
    assert desk.ticket.status == "To Do" and desk.moves == []
    asked = [request.path for request in desk.jira.requests]
    assert not [path for path in asked if "transitions" in path or "changelog" in path or "issueLink" in path]


def test_a_ticket_that_is_opened_afterwards_is_closed_as_well(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    desk.fire("remediate", "create_ticket")
    assert desk.ticket.status == "Done"


def test_what_was_only_planned_or_came_again_unhandled_closes_nothing(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    desk.fire("create_ticket")
    desk.fire("remediate", mode="simulate")
    assert desk.ticket.status == "To Do"
    later = desk.again()
    desk.fire("create_ticket", row=later)
    desk.fire("remediate", mode="enforce")
    assert desk.ticket.status == "To Do", "of the later event nobody has dealt with anything"
    desk.fire("remediate", row=later)
    assert desk.ticket.status == "Done"


def test_a_ticket_that_a_person_has_moved_is_left_alone(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    desk.fire("create_ticket")
    desk.jira.move(desk.ticket.key, "In Progress")
    desk.fire("remediate")
    assert desk.ticket.status == "In Progress" and desk.sent() == []
    (task,) = desk.moves
    assert task["state"] == "done" and "somebody has given it the status 'In Progress'" in task["message"]
    assert desk.audited("ticket_left")


def test_a_ticket_that_was_closed_by_a_person_stays_closed(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    desk.fire("create_ticket")
    desk.jira.move(desk.ticket.key, "Done")
    desk.fire("remediate")
    desk.undo()
    assert desk.ticket.status == "Done" and desk.sent() == []


def test_a_move_whose_answer_is_lost_is_looked_up_and_not_made_again(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    lost = desk.jira.faults.add("reset_after", path="/transitions", method="POST")
    desk.fire("create_ticket", "remediate")
    assert desk.jira.faults.fired(lost)
    desk.jira.move(desk.ticket.key, "In Progress")
    desk.due()
    assert desk.ticket.status == "In Progress", "what a person did meanwhile stays"
    (task,) = desk.moves
    assert task["state"] == "done" and len(desk.sent()) == 1 and len(desk.audited("ticket_moved")) == 1


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


BEFORE = pytest.param(True, id="before it has its effect", marks=SLOW)
AFTER = pytest.param(False, id="after it")


@pytest.mark.parametrize("before", [BEFORE, AFTER])
def test_a_process_killed_at_a_move_leaves_one_move(desk: Desk, before: bool) -> None:
    desk.options(**BOTH_WAYS)
    killed_at(desk, "POST", "/transitions$", before)
    desk.fire("create_ticket", "remediate")
    desk.jira.faults = Faults()
    desk.site.let_turns_end()
    desk.due()
    assert desk.ticket.status == "Done"
    changed = [item[0] for entry in desk.jira.store.history(desk.ticket.id) for item in entry["items"]]
    assert changed.count("status") == 1
    assert [task["state"] for task in desk.moves] == ["done"]


def test_a_field_that_nobody_fills_is_named_and_the_ticket_moves_once_somebody_has_cured_it(desk: Desk) -> None:
    cause = ScreenField("customfield_10050", "Root cause", True)
    screened = {**TRANSITIONS, "31": Transition("Close", ("10000", "10001"), "10002", (RESOLUTION, cause), "")}
    desk.workflow(transitions=screened)
    desk.options(**BOTH_WAYS, contained_resolution="Resolved, Fixed")
    desk.fire("create_ticket", "remediate")
    (task,) = desk.moves
    assert (task["state"], task["waiting_for"]) == ("waiting", "person")
    assert "requires fields that nobody fills: Root cause (customfield_10050)" in task["message"]
    desk.workflow(transitions={**screened, "31": replace(screened["31"], screen=(RESOLUTION,))})
    desk.due()
    assert (desk.ticket.status, desk.ticket.raw["resolution"]) == ("Done", "10003")


def test_what_was_undone_meanwhile_is_not_closed_any_more(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    desk.workflow(may_transition=False)
    desk.fire("create_ticket", "remediate")
    assert "permission Transition issues" in desk.moves[0]["message"]
    desk.undo()
    desk.workflow(may_transition=True)
    desk.due()
    assert desk.ticket.status == "To Do" and desk.sent() == []
    assert sorted(task["state"] for task in desk.moves) == ["done", "done"]


# In several transitions

#: Done is reached through In Progress and Approved only.
LONG = {
    "1": Transition("Start", ("10000",), "10001"),
    "2": Transition("Approve", ("10001",), "10004"),
    "3": Transition("Finish", ("10004",), "10002"),
    "4": Transition("Reopen", ("10002",), "10000"),
}
BY_STEPS = {"contained_status": "In Progress > Approved > Done", "undone_status": "to do"}


def statuses(desk: Desk) -> list[str]:
    """What the ticket has come to, one after the other."""
    changed = (item for entry in desk.jira.store.history(desk.ticket.id) for item in entry["items"])
    return [item[2]["toString"] for item in changed if item[0] == "status"]


def test_a_ticket_moves_in_several_transitions_where_the_statuses_on_the_way_are_named(desk: Desk) -> None:
    desk.options(**BY_STEPS)
    desk.workflow(transitions=LONG)
    desk.fire("create_ticket", "remediate")
    assert statuses(desk) == ["In Progress", "Approved", "Done"] and desk.ticket.status == "Done"
    desk.undo()
    assert desk.ticket.status == "To Do"


def test_a_move_that_cannot_go_on_says_where_it_is_and_goes_on_from_there(desk: Desk) -> None:
    desk.options(**BY_STEPS)
    desk.workflow(transitions={key: one for key, one in LONG.items() if key != "3"})
    desk.fire("create_ticket", "remediate")
    (task,) = desk.moves
    assert (task["state"], task["waiting_for"]) == ("waiting", "person")
    assert "offers no transition from its status 'Approved'" in task["message"]
    desk.workflow(transitions=LONG)
    desk.due()
    assert statuses(desk) == ["In Progress", "Approved", "Done"]


def test_a_person_who_moves_the_ticket_on_its_way_has_the_last_word(desk: Desk) -> None:
    desk.options(**BY_STEPS)
    desk.workflow(transitions={key: one for key, one in LONG.items() if key != "3"})
    desk.fire("create_ticket", "remediate")
    desk.jira.move(desk.ticket.key, "In Progress")
    desk.workflow(transitions=LONG)
    desk.due()
    assert desk.ticket.status == "In Progress" and desk.audited("ticket_left")


@pytest.mark.parametrize("lost", ["reset", "reset_after"])
@pytest.mark.parametrize("step", [pytest.param(0, marks=SLOW), 1, pytest.param(2, marks=SLOW)])
def test_an_answer_that_is_lost_on_the_way_doubles_no_step(desk: Desk, step: int, lost: str) -> None:
    desk.options(**BY_STEPS)
    desk.workflow(transitions=LONG)
    desk.jira.faults.add(lost, path="/transitions", method="POST", skip=step)
    desk.fire("create_ticket", "remediate")
    desk.due()
    assert statuses(desk) == ["In Progress", "Approved", "Done"]


# A status that forbids edits


def test_the_box_is_written_before_the_ticket_comes_to_a_status_that_forbids_edits(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    desk.workflow(uneditable_statuses=("10002",))
    desk.fire("create_ticket", "remediate")
    assert desk.ticket.status == "Done" and "State: Contained and verified" in desk.ticket.description
    desk.due("ticket.state")
    assert {task["state"] for task in desk.tasks("ticket.state")} == {"done"} and not desk.audited("ticket_not_edited")


def test_a_box_that_cannot_be_edited_any_more_says_so_and_reopens_nothing(desk: Desk) -> None:
    desk.options(contained_status="done")
    desk.workflow(uneditable_statuses=("10002",))
    desk.fire("create_ticket", "remediate")
    desk.undo()
    desk.due("ticket.state")
    assert desk.ticket.status == "Done" and "State: Contained and verified" in desk.ticket.description
    assert "The ticket is not reopened for it." in desk.audited("ticket_not_edited")[-1]["message"]
    assert "Undone: the previous state is restored" in desk.ticket.comments[-1]


@pytest.mark.parametrize("lost", ["reset_after", pytest.param("reset", marks=SLOW)])
def test_an_edit_whose_answer_is_lost_before_the_move_is_made_again_and_the_ticket_moves(desk: Desk, lost: str) -> None:
    desk.options(**BOTH_WAYS)
    desk.jira.faults.add(lost, method="PUT", path="/issue/")
    desk.fire("create_ticket", "remediate")
    desk.due()
    assert desk.ticket.status == "Done" and "State: Contained and verified" in desk.ticket.description
    assert len(desk.sent()) == 1


# Killed at what else is done to a ticket


def writes_around_the_box(desk: Desk) -> str:
    """What a person adds to the description."""
    issue, said = desk.ticket.raw, f"Kim looks into {desk.row['object_id']}."
    description = issue["description"]["adf"]
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": said}]}
    edited = {**description, "content": [*description["content"], paragraph]}
    desk.jira.edit(desk.ticket.key, description={"adf": edited})
    return said


@pytest.mark.parametrize("before", [BEFORE, AFTER])
@pytest.mark.parametrize("moves", [False, pytest.param(True, marks=SLOW)], ids=["by the worker", "before a move"])
def test_a_process_killed_at_an_edit_of_the_description_leaves_one_box_and_what_people_wrote(
    desk: Desk, moves: bool, before: bool
) -> None:
    desk.options(**(BOTH_WAYS if moves else {}))
    desk.fire("create_ticket")
    said, workers = writes_around_the_box(desk), list[Any]()
    if not moves:
        desk.fire("remediate")
    killed_at(desk, "PUT", "/issue/[^/]+$", before, workers)
    if moves:
        desk.fire("remediate")
    else:
        (worker,) = [one for one in desk.site.world.runner.inputs.instances() if one.scheme == "responder_worker"]
        for task in desk.tasks("ticket.state"):
            path = f"storage/collections/data/responder_tasks/{task['_key']}"
            desk.site.world.rest("POST", path, json={**task, "due_at": 1.0}).raise_for_status()
        desk.site.world.runner.inputs.run_once(worker, workers.append)
    desk.jira.faults = Faults()
    desk.site.let_turns_end()
    desk.due("ticket.state")
    desk.due()
    text = desk.ticket.description
    assert text.count("How this case stands") == 1 and "State: Contained and verified" in text and said in text
    assert {task["state"] for task in desk.tasks("ticket.state")} == {"done"}
    assert desk.ticket.status == ("Done" if moves else "To Do") and len(desk.sent()) == int(moves)


@pytest.mark.parametrize("before", [BEFORE, AFTER])
def test_a_process_killed_at_a_link_leaves_one_link(desk: Desk, before: bool) -> None:
    desk.options(link_type="Relates")
    desk.fire("create_ticket")
    desk.jira.move(desk.ticket.key, "Done")
    killed_at(desk, "POST", "/issueLink$", before)
    desk.fire("create_ticket", row=desk.again())
    desk.jira.faults = Faults()
    desk.site.let_turns_end()
    desk.due("ticket.link")
    assert len(desk.jira.links(desk.tickets[1].key)) == 1 and len(desk.tickets) == 2
    assert [task["state"] for task in desk.tasks("ticket.link")] == ["done"]


# Excused


def test_an_excused_case_closes_its_ticket_and_one_that_no_longer_is_opens_it(desk: Desk) -> None:
    screened = {**TRANSITIONS, "31": replace(TRANSITIONS["31"], screen=(RESOLUTION,), resolution="")}
    desk.workflow(transitions=screened)
    desk.options(excused_status="done", excused_resolution="Won't do", undone_status="to do")
    desk.fire("create_ticket")
    (task,) = desk.tasks("ticket.finding")

    def excuse(days: int) -> None:
        body = {"case": task["case_id"], "days": days, "reason": "Known scanner"}
        answer = desk.site.world.rest("POST", f"{APP}/excuse", json=body)
        assert answer.ok, answer.text
        desk.site.world.work()

    excuse(30)
    assert (desk.ticket.status, desk.ticket.raw["resolution"], len(desk.ticket.comments)) == ("Done", "10001", 1)
    excuse(0)
    assert (desk.ticket.status, len(desk.ticket.comments)) == ("To Do", 2)


# Coming again


def closed_ago(desk: Desk, days: float) -> None:
    """As if a person had closed the ticket so long ago."""
    jira = desk.jira
    jira.move(desk.ticket.key, "Done")
    with jira.effects:
        for entry in jira.store.history(desk.ticket.id):
            document = json.dumps({**entry, "created": entry["created"] - days * DAY})
            jira.store._db.execute("UPDATE history SET doc = ? WHERE id = ?", (document, int(entry["id"])))


def test_a_ticket_that_was_closed_lately_is_reopened_and_commented_on(desk: Desk) -> None:
    desk.options(reopen_days="7", link_type="Relates")
    desk.fire("create_ticket")
    closed_ago(desk, 6.9)
    desk.fire("create_ticket", row=desk.again())
    assert (desk.ticket.status, len(desk.ticket.comments)) == ("To Do", 1)
    assert len(desk.audited("ticket_reopened")) == 1


def test_a_ticket_that_was_closed_long_ago_is_followed_by_a_new_one_that_is_linked_to_it(desk: Desk) -> None:
    desk.options(reopen_days="7", link_type="relates")
    desk.fire("create_ticket")
    closed_ago(desk, 7.1)
    desk.fire("create_ticket", row=desk.again())
    first, second = desk.tickets
    assert (first.status, second.status) == ("Done", "To Do")
    assert desk.jira.links(second.key) == [("Relates", second.key, first.key)]


def test_a_link_whose_answer_is_lost_is_looked_up(desk: Desk) -> None:
    desk.options(link_type="Relates")
    desk.fire("create_ticket")
    desk.jira.move(desk.ticket.key, "Done")
    desk.jira.faults.add("reset_after", path="/issueLink", method="POST")
    desk.fire("create_ticket", row=desk.again())
    desk.due("ticket.link")
    assert len(desk.jira.links(desk.tickets[1].key)) == 1 and len(desk.sent("/issueLink")) == 1
    (task,) = desk.tasks("ticket.link")
    assert task["state"] == "done"


def test_a_link_type_that_there_is_none_of_is_named_and_keeps_nobody_from_the_ticket(desk: Desk) -> None:
    desk.options(link_type="Caused by", save_untested="1")
    desk.fire("create_ticket")
    desk.jira.move(desk.ticket.key, "Done")
    desk.fire("create_ticket", row=desk.again())
    assert len(desk.tickets) == 2
    (task,) = desk.tasks("ticket.link")
    assert task["state"] == "done" and "no issue link type 'Caused by'; there are Blocks" in task["message"]


def test_a_ticket_that_cannot_be_reopened_is_followed_by_a_new_one(desk: Desk) -> None:
    desk.options(reopen_days="7")
    desk.fire("create_ticket")
    closed_ago(desk, 1)
    desk.workflow(transitions={"31": TRANSITIONS["31"]})
    desk.fire("create_ticket", row=desk.again())
    assert [issue.status for issue in desk.tickets] == ["Done", "To Do"]
    (event,) = desk.audited("ticket_not_reopened")
    assert "no transition" in event["message"]


def test_who_closes_a_ticket_while_the_answer_of_its_reopening_is_lost_is_not_overruled(desk: Desk) -> None:
    desk.options(reopen_days="7")
    desk.fire("create_ticket")
    closed_ago(desk, 1)
    desk.jira.faults.add("reset_after", path="/transitions", method="POST")
    desk.fire("create_ticket", row=desk.again())
    assert desk.ticket.status == "To Do"
    desk.jira.move(desk.ticket.key, "Done")
    desk.due("ticket.finding")
    assert [issue.status for issue in desk.tickets] == ["Done", "To Do"], "what is new has a ticket of its own"
    (event,) = desk.audited("ticket_not_reopened")
    assert "somebody has closed it again" in event["message"]
    assert [request.status for request in desk.sent()].count(204) <= 1, "moved once"


@pytest.mark.parametrize("fault", [pytest.param("reset", marks=SLOW), "reset_after"])
def test_a_reopening_whose_answer_is_lost_ends_in_one_reopened_ticket_with_one_comment(desk: Desk, fault: str) -> None:
    desk.options(reopen_days="7")
    desk.fire("create_ticket")
    closed_ago(desk, 1)
    desk.jira.faults.add(fault, path="/transitions", method="POST")
    desk.fire("create_ticket", row=desk.again())
    # A round may do no more than look up that it was reopened: the comment is the next one's.
    desk.due("ticket.finding")
    desk.due("ticket.finding")
    assert (desk.ticket.status, len(desk.ticket.comments)) == ("To Do", 1)


# Elsewhere, and gone


def test_a_ticket_that_was_moved_to_another_project_is_commented_on_and_moved_there(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    desk.fire("create_ticket")
    key = desk.jira.relocate(desk.ticket.key, "OPS")
    later = desk.again()
    desk.fire("create_ticket", row=later)
    assert f"Ticket {key} has a new comment." in [task["message"] for task in desk.tasks("ticket.finding")]
    desk.fire("remediate", row={**later, "event_ids": [*desk.row["event_ids"], *later["event_ids"]]})
    moved = desk.ticket
    assert (moved.key, moved.status, len(moved.comments)) == (key, "Done", 2)


@pytest.mark.parametrize("found_by", ["create_ticket", "remediate"])
def test_a_ticket_that_was_deleted_is_marked_in_its_case_and_said_once(desk: Desk, found_by: str) -> None:
    desk.options()
    desk.fire("create_ticket")
    case = desk.tasks("ticket.finding")[0]["case_id"]
    path = f"storage/collections/data/responder_cases/{case}"
    # As the app writes it where people can answer in Jira.
    shown = {"ticket": desk.ticket.key, "ticket_id": desk.ticket.id, "ticket_site": "jira", "ticket_status": "To Do"}
    known = desk.site.world.rest("GET", path).json()
    desk.site.world.rest("POST", path, json={**known, **shown}).raise_for_status()
    desk.jira.delete(desk.ticket.key)
    desk.fire(found_by, row=desk.again())
    desk.due("ticket.state")
    marked = desk.site.world.rest("GET", path).json()
    assert marked["ticket_status"] == "Deleted, or not visible to the app" and marked["ticket_closed_at"] > 0
    (event,) = desk.audited("ticket_deleted")
    assert event["ticket"] == shown["ticket"]


def test_a_ticket_that_was_deleted_is_followed_by_a_new_one_and_by_no_link(desk: Desk) -> None:
    desk.options(**BOTH_WAYS, reopen_days="7", link_type="Relates")
    desk.fire("create_ticket")
    desk.jira.delete(desk.ticket.key)
    desk.fire("create_ticket", row=desk.again())
    assert desk.jira.links(desk.ticket.key) == []
    assert [task["state"] for task in desk.tasks("ticket.link")] == ["done"]


def test_in_a_jira_to_which_tickets_were_migrated_no_strangers_ticket_is_touched(desk: Desk) -> None:
    desk.options(**BOTH_WAYS)
    desk.fire("create_ticket")
    store, old = desk.jira.store, desk.ticket.raw
    stranger = {**old, "key": f"OPS-{old['id']}", "project": "OPS", "summary": "A stranger", "description": None}
    with desk.jira.effects:
        # The key stays, and its id is somebody else's now.
        moved = ("99" + old["id"], json.dumps({**old, "id": "99" + old["id"]}), old["id"])
        store._db.execute("UPDATE issue SET id = ?, doc = ? WHERE id = ?", moved)
        store._db.execute("DELETE FROM property WHERE owner = 'issue' AND id = ?", (old["id"],))
        row = (old["id"], stranger["key"], "OPS", json.dumps(stranger))
        store._db.execute("INSERT INTO issue VALUES (?, ?, ?, ?)", row)
    later = desk.again()
    desk.fire("create_ticket", row=later)
    desk.fire("remediate", row={**later, "event_ids": [*desk.row["event_ids"], *later["event_ids"]]})
    found, untouched = desk.ticket, desk.jira.issue(stranger["key"])
    assert (found.key, len(found.comments)) == (old["key"], 2)
    assert (untouched.status, untouched.comments) == ("To Do", ())


# Nobody's record


def forget(desk: Desk) -> None:
    """As another Splunk that shares the project, or one whose KV store was lost."""
    for collection in ("responder_tasks", "responder_cases"):
        desk.site.world.rest("DELETE", f"storage/collections/data/{collection}").raise_for_status()
    desk.site.world.runner.handlers.stop(APP)


@pytest.mark.parametrize(
    "fault", [pytest.param(None, id="answered", marks=SLOW), pytest.param("reset_after", id="the answer is lost")]
)
def test_an_open_ticket_that_nobody_here_knows_of_is_commented_on(desk: Desk, fault: str | None) -> None:
    desk.options(find_by_label="1")
    desk.fire("create_ticket")
    forget(desk)
    if fault:
        desk.jira.faults.add(fault, path="/comment", method="POST")
    desk.fire("create_ticket", row=desk.again())
    desk.due("ticket.finding")
    assert len(desk.ticket.comments) == 1
    desk.fire("create_ticket", row=desk.again())
    assert len(desk.ticket.comments) == 2
    assert [task["state"] for task in desk.tasks("ticket.finding")] == ["done", "done"]


# Jira Service Management


def test_a_request_whose_answer_is_lost_is_found_again_and_its_comments_are_internal(desk: Desk) -> None:
    desk.options(request_type="Report a security incident", organizations="Payments", default_project="DESK")
    desk.jira.faults.add("reset_after", path="/issue", method="POST")
    desk.fire("create_ticket")
    desk.due("ticket.finding")
    assert desk.ticket.raw["custom"] == {"customfield_10010": "25", "customfield_10002": ["8"]}
    desk.fire("create_ticket", row=desk.again())
    assert [found["sd.public.comment"] for found in desk.ticket.comment_properties] == [{"internal": True}]


# Bad input


def test_a_status_that_there_is_none_of_waits_for_a_person_and_says_which_there_are(desk: Desk) -> None:
    desk.options(contained_status="Gelöst; DROP")
    desk.fire("create_ticket", "remediate")
    (task,) = desk.moves
    assert task["waiting_for"] == "person"
    assert "to 'Gelöst; DROP'; there are In Progress (to In Progress), Done (to Done)" in task["message"]
    desk.options(contained_status="Done")
    desk.due()
    assert desk.ticket.status == "Done"
