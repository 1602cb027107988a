"""An archived ticket can be read and takes nothing: what is new goes into another one, and nothing waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from core_findings import finding
from jira_place import Place
from responder.errors import Curable, Forbidden, NotPermitted
from responder.handlers.ticket import FINDING
from responder.jira.archives import KNOWN_FOR, Archives
from responder.jira.model import Archived
from responder.remediation import runner
from responder.remediation.outcome import Outcome
from responder.settings.ticket_life import Target

from sandbox.jira import JiraStandIn

DONE = Outcome("deactivate_access_key", "enforce", "done", "Deactivated it.", (), finished_at=1_789_000_100.0)
HOURS = 7_200.0
EITHER = ("cloud", "datacenter")


@pytest.fixture
def made(core: Any, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A ticket of a case, in the Jira that the test names."""
    monkeypatch.setattr(runner, "run", lambda request, ports: DONE)
    with JiraStandIn(request.param) as jira:
        place = Place(core, jira)
        place.open()
        yield place
        assert jira.unknown_requests == []


def project_of(place: Place, key: str = "SEC", **changes: Any) -> None:
    place.jira.projects[key] = replace(place.jira.projects[key], **changes)


def later(place: Place, seconds: int = 60) -> None:
    place.core.later += seconds
    place.core.work()


def tickets(place: Place) -> list[dict[str, Any]]:
    return [task for task in place.core.tasks() if task["kind"] == FINDING]


def waiting_ticket(place: Place) -> dict[str, Any]:
    (found,) = (task for task in tickets(place) if task["open"])
    return found


@pytest.mark.parametrize("made", EITHER, indirect=True)
def test_what_is_new_goes_into_a_new_ticket(made: Place) -> None:
    made.jira.archive("SEC-1", HOURS)
    made.core.ask(finding(1, "event-2"))
    later(made)
    first, second = made.jira.issues()
    assert (first.comments, second.key, second.status) == ((), "SEC-2", "To Do")
    assert made.core.steps().count("ticket_archived") == 1
    made.core.ask(1, "remediate", playbook="deactivate_access_key")
    later(made)
    assert [task["state"] for task in made.core.tasks()] == ["done"] * len(made.core.tasks())
    assert len(made.jira.issue("SEC-2").comments) == 1


@pytest.mark.parametrize("made", EITHER, indirect=True)
def test_a_report_that_has_no_other_ticket_waits_for_nothing(made: Place) -> None:
    project_of(made, archived=True)
    made.core.ask(1, "remediate", playbook="deactivate_access_key")
    later(made)
    later(made)
    said = [task["message"] for task in made.core.tasks() if task["kind"] == "ticket.remediation"]
    assert said == ["Ticket SEC-1 is archived, so there is nobody to report to."]
    assert [task["state"] for task in made.core.tasks()] == ["done"] * len(made.core.tasks())


@pytest.mark.parametrize("made", EITHER, indirect=True)
def test_where_the_whole_project_is_archived_a_person_reads_so_and_may_choose_another(made: Place) -> None:
    project_of(made, archived=True)
    made.core.ask(finding(1, "event-2"))
    later(made)
    waits = waiting_ticket(made)
    assert (waits["state"], waits["waiting_for"]) == ("waiting", "person")
    assert "in project 'SEC', because it is archived. Restore it in Jira, or choose another project" in waits["message"]
    made.core.ask(finding(1, "event-2"), project="OPS")
    later(made, 3_600)
    assert [one.key for one in made.jira.issues()] == ["SEC-1", "OPS-1"]
    assert {task["state"] for task in tickets(made)} == {"done"}


@pytest.mark.parametrize("made", EITHER, indirect=True)
def test_whoever_lacks_a_right_is_told_so_and_no_ticket_is_given_up(made: Place) -> None:
    project_of(made, may_comment=False)
    made.core.ask(finding(1, "event-2"))
    later(made)
    waits = waiting_ticket(made)
    assert "do not have permission to comment" in waits["message"]
    assert len(made.jira.issues()) == 1


@pytest.mark.parametrize("made", EITHER, indirect=True)
def test_every_other_change_is_told_from_a_missing_right(made: Place) -> None:
    made.core.ask(finding(2))
    client, (old, other) = made.tickets, (issue.id for issue in made.jira.issues())
    done = Target("done", "Status when contained")
    kind = client.links.type_named("relates")
    standing = client.transitions.standing(old)
    attempts: list[Any] = [
        lambda: client.attach("SEC-1", "a.csv", b"a,b"),
        lambda: client.watch("SEC-1", client.people(["bob@example.com" if made.jira.cloud else "bob"])[0][0]),
        lambda: client.links.link(other, old, kind),
        lambda: client.transitions.way(standing, done),
    ]
    made.jira.archive("SEC-1", HOURS)
    for attempt in attempts:
        with pytest.raises(Archived, match="ticket SEC-1 is archived"):
            attempt()
    with pytest.raises(Archived):
        client.status("SEC-1")
    assert client.status("SEC-2").open
    project_of(made, may_create=False, may_transition=False)
    for attempt in (lambda: client.watch("SEC-2", "bob"), lambda: client.transitions.way(standing_of(made), done)):
        with pytest.raises((Curable, Forbidden, NotPermitted)):
            attempt()


def standing_of(place: Place) -> Any:
    return place.tickets.transitions.standing("SEC-2")


@pytest.mark.parametrize("made", ["cloud"], indirect=True)
def test_a_ticket_that_a_search_does_not_show_yet_is_not_taken_for_archived(made: Place) -> None:
    project_of(made, may_comment=False)
    made.jira.index_lag = 60.0
    made.core.ask(finding(1, "event-2"))
    assert len(made.jira.issues()) == 1 and "ticket_archived" not in made.core.steps()


@pytest.mark.parametrize("made", ["datacenter"], indirect=True)
def test_what_was_restored_is_known_again_after_a_while(made: Place) -> None:
    now = [0.0]
    archives = Archives(made.tickets._jira, lambda: now[0])
    made.jira.archive("SEC-1")
    with pytest.raises(Archived):
        archives.look("SEC-1")
    for ticket in ("SEC-1", made.jira.issue("SEC-1").id):
        with pytest.raises(Archived):
            archives.check(ticket)
    now[0] += KNOWN_FOR
    archives.check("SEC-1")
