"""How a Jira site is read for answers: everything once, whatever lags, moves, fails or is set wrong."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from core_findings import finding
from incident_runs import alert, row
from jira_place import SITE, Place
from responder.cases.store import CASES
from responder.cases.task import TASKS
from responder.engine import jira_polling
from responder.engine.answer_records import ANSWERS
from responder.engine.jira_polling import OVERLAP
from responder.errors import ResponderError
from responder.inputs import jira_answers
from responder.jira import changes as reading
from responder.settings.reader import Configuration

from sandbox.jira import JiraStandIn


@pytest.fixture(params=["cloud", "datacenter"])
def place(core: Any, request: pytest.FixtureRequest) -> Iterator[Place]:
    with JiraStandIn(request.param) as jira:
        yield Place(core, jira)
        assert jira.unknown_requests == []


@pytest.fixture
def cloud(core: Any) -> Iterator[Place]:
    with JiraStandIn() as jira:
        yield Place(core, jira)


def test_answers_by_comment_status_and_label_are_written_down_once(place: Place) -> None:
    key = place.open()
    assert place.poll() == []
    people = place.jira.people
    people.comment(key, "/responder reject", "alice")
    people.comment(key, "Just talk.", "alice")
    people.comment(key, "/responder approve", "responder")
    people.transition(key, "Approved", "bob")
    people.label(key, "alice", "go")
    wanted = [f"{key} reject", f"{key} approve", f"{key} approve"]
    assert place.poll() == wanted
    assert place.poll() == wanted
    assert len({one["user"] for one in place.core.documents(ANSWERS)}) == 2


@pytest.mark.parametrize("shown", ["Genehmigt", "In Progress"], ids=["in the account's language", "as another one"])
def test_a_status_is_told_by_its_id_and_named_as_its_workflow_does(place: Place, shown: str) -> None:
    key = place.open()
    place.poll()
    place.jira.translated = {"Approved": shown}
    place.jira.people.transition(key, "Approved", "alice")
    assert place.poll() == [f"{key} approve"]


def test_a_status_that_was_renamed_makes_no_answer_of_what_people_did_before(place: Place) -> None:
    """Whoever administers a project may rename its statuses, and nobody has approved by that."""
    key = place.open()
    place.poll()
    place.jira.people.transition(key, "In Progress", "alice")
    place.jira.translated = {"In Progress": "Approved"}
    assert place.poll() == []
    place.jira.people.transition(key, "Approved", "alice")
    place.jira.people.transition(key, "In Progress", "bob")
    assert place.poll() == [], "the status is another one by now, whatever it is called"


def test_what_was_said_to_a_role_is_not_repeated_to_all_as_a_reason(place: Place) -> None:
    """Whoever is told of an excuse reads its reason: in the ticket, in Slack, in the audit."""
    assert reason_after(place, role="Human resources") == "Known scanner."


def test_what_was_said_among_agents_is_not_repeated_to_customers_as_a_reason(place: Place) -> None:
    assert reason_after(place, is_internal=True) == "Known scanner."


def reason_after(place: Place, **limits: Any) -> str:
    """Of an excuse by a status, where the last comment before it was for few."""
    key, people = place.open(), place.jira.people
    site = replace(place.site, answers=replace(place.site.answers, statuses={"won't fix": "excuse"}))
    place.poll(site)
    people.comment(key, "Known scanner.", "alice")
    people.comment(key, "It was Bob, who is about to be dismissed.", "alice", **limits)
    people.transition(key, "Won't Fix", "alice", "10001")
    place.poll(site)
    (answer,) = place.core.documents(ANSWERS)
    return str(answer["text"])


def test_a_ticket_in_a_project_without_labels_and_one_whose_labels_were_taken_away_are_read(place: Place) -> None:
    first, second = place.open(1, "OPS"), place.open(2)
    with place.jira.effects:
        for key in (first, second):
            issue = place.jira.store.issue(key)
            assert issue is not None
            place.jira.store.save_issue({**issue, "labels": []})
    place.poll()
    for key in (first, second):
        place.jira.people.comment(key, "/responder status", "bob")
    assert place.poll() == [f"{first} status", f"{second} status"]


def test_somebody_elses_ticket_is_none_of_ours_whatever_it_carries(place: Place) -> None:
    mine = place.open()
    labels = [*place.jira.issue(mine).labels, "cloudtrail-responder"]
    fields = {"project": {"key": "SEC"}, "issuetype": {"name": "Task"}, "summary": "x", "labels": labels}
    created = place.tickets._jira.post("issue", {"fields": fields}, lambda body: str(body["key"]), lambda: None)
    place.poll()
    place.jira.people.comment(created, "/responder approve", "alice")
    assert place.poll() == []


def test_what_was_said_before_anybody_could_answer_is_no_answer(place: Place) -> None:
    key = place.open()
    place.jira.people.comment(key, "/responder approve", "alice", ago=5)
    assert place.poll() == []
    jira_polling.forget(place.splunkd, but=())
    place.jira.people.comment(key, "/responder reject", "alice", ago=5)
    assert place.poll() == []


@pytest.mark.parametrize("is_removed", [True, False], ids=["removed", "cannot be used"])
def test_a_site_that_was_removed_begins_anew_and_one_that_cannot_be_used_goes_on(
    cloud: Place, is_removed: bool
) -> None:
    key = cloud.open()
    cloud.poll()
    cursor = cloud.cursor()
    cursor.began -= 3600.0
    cursor.save(cloud.splunkd, SITE)
    if is_removed:
        cloud.splunkd.request("DELETE", f"configs/conf-cloudtrail_responder_jira_site/{SITE}")
    else:
        cloud.core.save("jira_site", SITE, url="nonsense")
    config = Configuration(cloud.splunkd)
    assert config.jira_sites() == ()
    jira_answers.JiraAnswers(cloud.splunkd, cloud.core.services, config, ends_at=0.0).forget()
    cloud.jira.people.comment(key, "/responder approve", "alice", ago=5)
    assert cloud.poll() == ([] if is_removed else [f"{key} approve"])


@pytest.mark.parametrize("ahead", [-7200.0, 7200.0])
def test_only_jiras_own_clock_counts(cloud: Place, monkeypatch: pytest.MonkeyPatch, ahead: float) -> None:
    """This host's clock is wrong by hours, and splunkd's with it."""
    key = cloud.open()
    real = time.time
    monkeypatch.setattr(cloud.splunkd, "now", lambda: real() + ahead)
    cloud.poll()
    cloud.jira.people.comment(key, "/responder status", "alice")
    assert cloud.poll() == [f"{key} status"]
    assert abs(cloud.cursor().since + OVERLAP - real()) < 60


@pytest.mark.parametrize(("seconds", "searches"), [(-10, 0), (2, 0), (-3600, 1), (7200, 1)])
def test_a_site_that_was_read_a_moment_ago_is_left_alone_also_by_a_process_whose_clock_is_behind(
    cloud: Place, seconds: float, searches: int
) -> None:
    cloud.poll()
    cursor = cloud.cursor()
    cursor.polled_at = cloud.splunkd.now() + seconds
    cursor.save(cloud.splunkd, SITE)
    before = cloud.asked("/search/jql")
    jira_polling.poll(cloud.splunkd, cloud.site, cloud.tickets.changes)
    assert cloud.asked("/search/jql") - before == searches


def test_what_the_search_shows_late_is_found_and_what_it_shows_again_is_not_read_again(cloud: Place) -> None:
    first, second = cloud.open(1), cloud.open(2)
    cloud.poll()
    cloud.jira.index_lag = float("inf")
    cloud.jira.people.comment(first, "/responder status", "alice")
    assert cloud.poll() == []
    cloud.jira.index_lag = 0
    cloud.jira.people.comment(second, "/responder status", "alice")
    assert cloud.poll() == [f"{first} status", f"{second} status"]
    read = cloud.asked("/comment")
    cloud.poll()
    assert cloud.asked("/comment") == read and cloud.asked("/search/jql") == 4


def test_more_than_a_round_reads_goes_on_in_the_next(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [place.open(number) for number in range(1, 8)]
    place.poll()
    monkeypatch.setattr(reading, "PAGE", 2)
    monkeypatch.setattr(jira_polling, "PAGES", 2)
    for key in keys:
        place.jira.people.comment(key, "/responder status", "alice")
        # Jira's times have milliseconds, and nobody changes many tickets in one.
        time.sleep(0.003)
    rounds = [len(place.poll())]
    while place.cursor().sweep and len(rounds) < 6:
        rounds.append(len(place.poll()))
    assert rounds[0] < rounds[-1] == len(keys) and len(rounds) < 6


def test_a_ticket_that_cannot_be_read_holds_up_no_other_and_is_read_later(cloud: Place) -> None:
    first, second = cloud.open(1), cloud.open(2)
    cloud.poll()
    number = cloud.jira.issue(first).id
    cloud.jira.faults.add("status", path=f"/issue/{number}/comment", status=500)
    for key in (first, second):
        cloud.jira.people.comment(key, "/responder status", "alice")
    assert cloud.poll() == [f"{second} status"] and list(cloud.cursor().owed) == [number]
    assert cloud.poll() == [f"{first} status", f"{second} status"] and cloud.cursor().owed == {}


def test_a_ticket_that_seems_to_be_gone_is_asked_for_once_more(cloud: Place) -> None:
    key = cloud.open()
    cloud.poll()
    cloud.jira.people.comment(key, "/responder status", "alice")
    gone = {"errorMessages": ["Issue does not exist or you do not have permission to see it."], "errors": {}}
    cloud.jira.faults.add("status", path="/comment", status=404, body=gone)
    assert cloud.poll() == []
    assert cloud.poll() == [f"{key} status"] and cloud.cursor().owed == {}
    cloud.jira.people.comment(key, "/responder reject", "alice")
    cloud.jira.faults.add("status", path="/comment", status=404, body=gone)
    cloud.poll()
    cloud.jira.delete(key)
    cloud.poll()
    assert cloud.cursor().owed == {}


def test_more_tickets_that_cannot_be_read_than_are_owed_hold_up_others_for_a_time_only(
    cloud: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jira_polling, "MOST_OWED", 2)
    keys = [cloud.open(number) for number in range(1, 5)]
    cloud.poll()
    broken = "|".join(cloud.jira.issue(key).id for key in keys[:3])
    cloud.jira.faults.add("status", path=f"/issue/({broken})/comment", status=500, count=None)
    for key in keys:
        cloud.jira.people.comment(key, "/responder status", "alice")
        # In that order, by Jira's times.
        time.sleep(0.003)
    with pytest.raises(ResponderError, match="too many tickets cannot be read"):
        cloud.poll()
    real = time.time
    monkeypatch.setattr(cloud.splunkd, "now", lambda: real() + jira_polling.GIVEN_UP + 60)
    assert cloud.poll() == [f"{keys[3]} status"]


def test_a_search_that_fails_moves_nothing_on(cloud: Place) -> None:
    key = cloud.open()
    cloud.poll()
    before = replace(cloud.cursor())
    cloud.jira.people.comment(key, "/responder status", "alice")
    cloud.jira.faults.add("status", path="/search/jql", status=503)
    with pytest.raises(ResponderError):
        cloud.poll()
    assert cloud.cursor().since == before.since
    assert cloud.poll() == [f"{key} status"]


def test_a_damaged_cursor_begins_anew(cloud: Place) -> None:
    key = cloud.open()
    cloud.poll()
    cloud.core.write("responder_marks", {"_key": f"jira:{SITE}", "value": "{broken", "at": 1.0})
    cloud.poll()
    cloud.jira.people.comment(key, "/responder status", "alice")
    assert cloud.poll() == [f"{key} status"]


def test_jql_has_nothing_of_anybody(cloud: Place) -> None:
    cloud.open()
    cloud.poll()
    (asked,) = [request for request in cloud.jira.requests if request.path.endswith("/search/jql")]
    (jql,) = parse_qs(urlsplit(asked.target).query)["jql"]
    form = r'\(creator = currentUser\(\) OR labels = "cloudtrail-responder"\) AND updated >= \d{13} '
    assert re.fullmatch(form + "ORDER BY updated ASC, key ASC", jql), jql


def test_only_what_is_our_record_is_asked_about(cloud: Place) -> None:
    """A case that was removed is nobody's any more."""
    key = cloud.open()
    cloud.poll()
    for task in cloud.core.tasks():
        cloud.splunkd.delete_where(TASKS, {"_key": task["_key"]})
    cloud.jira.people.comment(key, "/responder approve", "alice")
    assert cloud.poll() == []


def test_enterprise_security_reads_that_a_ticket_was_closed_and_opened_again(cloud: Place) -> None:
    """Also on the finding that was handed over when the ticket was there: a detection's own run knows none."""
    core, first, later = cloud.core, "AB12-99@@notable@@0f3c", "AB12-99@@notable@@17aa"
    queue = core.splunkd.install_enterprise_security("7.3.2")
    core.user("pat", "cloudtrail_responder", "ess_analyst")
    for event_id in (first, later):
        queue.add_finding(event_id)
        core.ask(finding(1, row={"event_id": event_id, "search_name": "A rule"}))
    for status in ("In Progress", "Done", "Done", "In Progress", "Done", "In Progress"):
        cloud.poll()
        cloud.jira.people.transition("SEC-1", status, "alice")
    cloud.poll()
    core.work()
    for event_id in (first, later):
        told = [note for note in queue.comments(event_id) if "SEC-1 is" in note]
        assert [note.partition("SEC-1 is ")[2][:6] for note in told] == ["closed", "open a"] * 2


def test_enterprise_security_reads_nothing_of_the_ticket_before(cloud: Place) -> None:
    core, first, later = cloud.core, "AB12-99@@notable@@0f3c", "AB12-99@@notable@@17aa"
    queue = core.splunkd.install_enterprise_security("7.3.2")
    core.user("pat", "cloudtrail_responder", "ess_analyst")
    for event_id, number in ((first, 1), (later, 2)):
        queue.add_finding(event_id)
        found = finding(number, row={"event_id": event_id, "search_name": "A rule"})
        core.ask(replace(found, dedup_key="the same"))
        cloud.poll()
        if event_id == first:
            cloud.jira.people.assign("SEC-1", "alice", "bob")
            cloud.jira.people.transition("SEC-1", "Done", "alice")
            cloud.poll()
    core.work()
    (note,) = queue.comments(later)
    assert "Jira ticket SEC-2: http" in note, "it was never closed, and never anybody's"


def test_enterprise_security_reads_whose_the_ticket_is(cloud: Place) -> None:
    core, event_id = cloud.core, "AB12-99@@notable@@0f3c"
    queue = core.splunkd.install_enterprise_security("7.3.2")
    core.user("pat", "cloudtrail_responder", "ess_analyst")
    queue.add_finding(event_id)
    core.ask(finding(1, row={"event_id": event_id, "search_name": "A rule"}))
    people = cloud.jira.people
    for change in (
        lambda: people.assign("SEC-1", "alice", "bob"),
        lambda: people.label("SEC-1", "bob", "seen"),
        lambda: people.assign("SEC-1", "bob", "bob"),
        lambda: people.assign("SEC-1", "", "alice"),
    ):
        change()
        cloud.poll()
        core.work()
    told = [note.partition("SEC-1 is ")[2].partition(" (case")[0] for note in queue.comments(event_id)]
    assert list(filter(None, told)) == ["assigned to Alice Arnold", "assigned to Bob Baker", "assigned to nobody"]
    assert queue.changes == [], "owners there stay as they are"


def test_each_case_that_a_ticket_tells_of_says_how_the_ticket_stands(cloud: Place) -> None:
    cloud.core.save("settings", "general", incident_hours="24", digest_limit="10")
    for resource in ("a", "b"):
        alert(cloud.core, row("trail_stopped", resource))
        # With a document of its own, as a case has that something was remediated in.
        alert(cloud.core, row("trail_stopped", resource), action="remediate",
              parameters={"playbook": "deactivate_access_key"})  # fmt: skip
    assert len(cloud.jira.issues()) == 1
    for status in ("In Progress", "Done"):
        cloud.jira.people.transition("SEC-1", status, "alice")
        cloud.poll()
    cases = cloud.core.documents(CASES)
    assert len(cases) == 2
    assert {(case["ticket"], case["ticket_status"]) for case in cases} == {("SEC-1", "Done")}
    assert all(case["ticket_closed_at"] > 0 for case in cases)
    status, answer = cloud.core.post("cases", {"find": "SEC-1"}, user="admin")
    assert status == 200
    assert [case["ticket"]["status"] for case in answer["cases"]] == ["Done", "Done"]
