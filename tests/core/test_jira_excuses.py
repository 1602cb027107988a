"""In a ticket of several cases the one is excused that is named, and none by guess."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from incident_runs import HOUR, alert, group, row
from jira_place import SITE, Place
from responder.cases.keys import case_id
from responder.cases.store import CASES
from responder.cases.task import TASKS
from responder.engine import excusing_all
from responder.engine.jira_polling import Cursor
from responder.engine.jira_tickets import case_of_key
from responder.errors import Rejected

from sandbox.jira import JiraStandIn

#: Seconds in which somebody reads a ticket.
READ = 30.0


class Stopped(BaseException):
    """The process dies here."""


@pytest.fixture
def place(core: Any) -> Iterator[Place]:
    group(core)
    with JiraStandIn() as jira:
        yield Place(core, jira)
        assert jira.unknown_requests == []


def test_in_a_ticket_of_several_cases_the_one_is_excused_that_is_named(place: Place) -> None:
    rows = [row("trail_stopped", "h1. trail"), row("bucket_made_public", "{noformat} [~bob] bucket")]
    for one in rows:
        alert(place.core, one)
    first, second = (case_id(one["dedup_key"]) for one in rows)
    place.carry_out()
    comment = place.jira.people.comment
    comment("SEC-1", "/responder excuse 14d Known scanner", "alice")
    comment("SEC-1", f"/responder excuse {'0' * 20} Known scanner", "alice")
    place.carry_out()
    said = place.jira.issue("SEC-1").comments[-1]
    assert excused(place) == []
    assert f"/responder excuse {first} 14d REASON - medium: Trail stopped: h1. trail" in said
    assert f"/responder excuse {second} 14d REASON - medium: Bucket made public" in said
    assert "Or excuse all that you have read of: /responder excuse all 14d REASON" in said
    assert "does not report that case" in said
    comment("SEC-1", f"/responder excuse {second} 14d Known scanner", "alice")
    place.carry_out()
    assert excused(place) == [second]


def test_all_cases_are_excused_that_the_person_has_read_of(place: Place) -> None:
    rows = [row("trail_stopped", "trail"), row("bucket_made_public", "bucket")]
    cases = [case_id(one["dedup_key"]) for one in rows]
    for one in rows:
        alert(place.core, one)
    Cursor(since=time.time() - 2 * HOUR, began=time.time() - 2 * HOUR).save(place.splunkd, SITE)
    # Somebody who writes while the thief goes on.
    place.jira.people.comment("SEC-1", "/responder excuse all 14d Our red team", "alice", ago=HOUR)
    place.carry_out()
    said = place.jira.issue("SEC-1").comments[-1]
    assert excused(place) == [] and "No case was excused." in said and "Reported since, and not excused:" in said
    assert f"/responder excuse {cases[1]} 14d REASON - medium: Bucket made public: bucket" in said
    place.jira.people.comment("SEC-1", "/responder excuse all 14d Our red team", "alice", ago=-READ)
    place.carry_out()
    assert sorted(excused(place)) == sorted(cases)
    assert "Excused until" in place.jira.issue("SEC-1").comments[-1], "nothing is said twice"


def test_a_call_has_the_ticket_of_several_cases_read_whichever_of_them_its_key_names(place: Place) -> None:
    rows = [row("trail_stopped", f"trail-{n}") for n in range(3)]
    # By whatever the KV store sorts them, the one that has opened it is the last.
    rows.sort(key=lambda one: case_id(one["dedup_key"]), reverse=True)
    for one in rows:
        alert(place.core, one)
        alert(place.core, one, action="remediate", parameters={"playbook": "restart_trail_logging"})
    place.carry_out()
    opener = case_id(rows[0]["dedup_key"])
    found = {one["_key"]: one for one in place.core.documents(CASES) if one["ticket"] == "SEC-1"}
    assert len(found) == len(rows)
    place.splunkd.delete_where(CASES, {"_key": opener})
    place.splunkd.insert(CASES, found[opener])
    assert case_of_key(place.splunkd, SITE, "SEC-1") == (opener, place.jira.issue("SEC-1").id)


def test_of_very_many_cases_some_are_excused_at_a_time(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excusing_all, "MOST", 2)
    rows = [row("trail_stopped", f"trail-{n}") for n in range(3)]
    for one in rows:
        alert(place.core, one)
    place.carry_out()
    for number, left in ((2, "1 more are not excused yet: comment the same again."), (3, "")):
        place.jira.people.comment("SEC-1", "/responder excuse all 14d Our red team", "alice", ago=-READ * number)
        place.carry_out()
        assert len(excused(place)) == number
        assert left in place.jira.issue("SEC-1").comments[-1]


def test_cases_that_cannot_be_excused_take_no_place_of_the_others(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excusing_all, "MOST", 2)
    rows = [row("trail_stopped", f"trail-{n}") for n in range(6)]
    for one in rows:
        alert(place.core, one)
    place.carry_out()
    found, tried = excusing_all.excuse, list[str]()

    def refusing(splunkd: Any, services: Any, case: str, *asked: Any) -> Any:
        tried.append(case)
        if len(tried) <= 3:
            raise Rejected("It is yours.", "Ask somebody else.")
        return found(splunkd, services, case, *asked)

    monkeypatch.setattr(excusing_all, "excuse", refusing)
    place.jira.people.comment("SEC-1", "/responder excuse all 14d Our red team", "alice", ago=-READ)
    place.carry_out()
    said = place.jira.issue("SEC-1").comments[-1]
    assert len(excused(place)) == 2 and "2 cases were excused." in said and "1 more are not excused yet" in said
    assert said.count("It is yours.") == 2 and "And 1 more." in said


def test_what_was_begun_by_whoever_died_is_gone_on_with(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row("trail_stopped", f"trail-{n}") for n in range(2)]
    for one in rows:
        alert(place.core, one)
    place.carry_out()
    place.jira.people.comment("SEC-1", "/responder excuse all 14d Our red team", "alice", ago=-READ)
    found, done = excusing_all.excuse, list[Any]()

    def stopped(*asked: Any) -> Any:
        if done:
            raise Stopped
        done.append(found(*asked))

    monkeypatch.setattr(excusing_all, "excuse", stopped)
    with pytest.raises(Stopped):
        place.carry_out()
    monkeypatch.setattr(excusing_all, "excuse", found)
    place.carry_out()
    assert len(excused(place)) == 2
    assert [one["number"] for one in place.core.documents(TASKS) if "excuse" in one] == [1, 1]


def excused(place: Place) -> list[str]:
    status, answer = place.core.post("cases", {"state": "excused"}, user="admin")
    assert status == 200
    return [one["case"] for one in answer["cases"]]
