"""People answer in tickets, on the built app: by a comment, a status or a label, once, whatever dies; nobody else."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests

from sandbox.faults import Faults
from sandbox.jira.model import USERS
from sandbox.world import APP
from tests.e2e.jira_people import ALICE, BOB, let_answer, save
from tests.e2e.kill_at import KillAt

SLOW = pytest.mark.slow


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


def ask_for(site: Any, mode: str = "approve") -> dict[str, Any]:
    """A ticket and a remediation; gives the finding's row."""
    row: dict[str, Any] = site.open_ssh()
    assert site.world.fire("create_ticket", [row]).exit_code == 0
    site.world.fire("remediate", [row], {"mode": mode})
    return row


@pytest.fixture
def asked(site: Any) -> str:
    """Alice may answer in the ticket of a group that waits; gives the group."""
    let_answer(site, ALICE)
    return str(ask_for(site)["object_id"])


def plan(site: Any) -> str:
    (row,) = site.world.rest("POST", f"{APP}/waiting", json={}).json()["waiting"]
    return str(row["plan"])


def comments(site: Any, key: str = "SEC-1") -> str:
    return "\n".join(site.world.jira.issue(key).comments)


def answers(site: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = site.world.documents("responder_answers")
    return sorted(found, key=lambda one: one["given_at"])


def audited(site: Any, step: str) -> list[dict[str, Any]]:
    wanted = f'sourcetype="cloudtrail_responder:audit" step={step}'
    found = site.world.splunkd.search(f"search index=main {wanted} | dedup id")
    return [json.loads(row["_raw"]) for row in found.rows]


def requests_of(site: Any, what: Callable[[], None]) -> list[str]:
    """Method and path of what is asked of Jira meanwhile."""
    jira = site.world.jira
    before = len(jira.requests)
    what()
    return [f"{one.method} {one.path.partition('/rest/api/3/')[2]}" for one in jira.requests[before:]]


def have_followed_up(site: Any) -> None:
    """Have the worker do what follows a ticket some seconds later: its box, its files."""
    for task in site.world.documents("responder_tasks"):
        if task.get("open") and str(task.get("kind")) in ("ticket.state", "ticket.records", "ticket.evidence"):
            path = f"storage/collections/data/responder_tasks/{task['_key']}"
            site.world.rest("POST", path, json={**task, "due_at": 1.0}).raise_for_status()
    site.world.work()


def test_a_comment_approves_and_everybody_reads_who_it_was(site: Any, asked: str) -> None:
    digest = plan(site)
    assert f"/responder approve {digest}" in comments(site)
    site.world.jira.people.comment("SEC-1", f"/responder approve {digest}\nThat is not ours.", "alice")
    site.world.work()
    assert not site.open_to_world(asked), answers(site)
    (event,) = audited(site, "approved")
    assert (event["by"], event["way"]) == ("alice@example.com", "jira")
    assert "alice@example.com" in comments(site)
    site.world.work()
    (answer,) = answers(site)
    assert not answer["open"] and len(audited(site, "approved")) == len(audited(site, "change_applied")) == 1


def test_nobody_else_is_heard(site: Any) -> None:
    everybody = [user for user in USERS if user is not BOB]
    let_answer(site, *everybody)
    group = ask_for(site)["object_id"]
    for name in ("bob", "dan", "rule", "eve", "responder"):
        site.world.jira.people.comment("SEC-1", "/responder approve", name)
    quoted = {"type": "blockquote", "content": [paragraph("/responder approve")]}
    site.world.jira.people.comment("SEC-1", {"type": "doc", "version": 1, "content": [quoted]}, "alice")
    by_another = site.world.jira.people.comment("SEC-1", "Looks fine to me.", "alice")
    site.world.jira.people.edit(by_another, "/responder approve", "bob")
    site.world.work()
    assert site.open_to_world(group) and audited(site, "approved") == []
    refused = {PEOPLE_BY_ID[event["by"]] for event in audited(site, "answer_refused")}
    assert refused == {"bob", "dan", "rule", "eve"}
    told = [text for text in site.world.jira.issue("SEC-1").comments if "Answers in this ticket" in text]
    assert len(told) == 1 and "may not answer here" in told[0] and "is deactivated" in told[0]
    site.world.jira.people.comment("SEC-1", "/responder approve", "bob")
    site.world.work()
    again = [text for text in site.world.jira.issue("SEC-1").comments if "Answers in this ticket" in text]
    assert len(again) == 1 and len(audited(site, "answer_refused")) == 5


PEOPLE_BY_ID = {user.account_id: user.name for user in USERS}


def paragraph(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": text}]}


@pytest.mark.extended
def test_what_was_asked_after_the_comment_is_not_approved_by_it(site: Any) -> None:
    let_answer(site, ALICE)
    row = site.open_ssh()
    assert site.world.fire("create_ticket", [row]).exit_code == 0
    site.world.jira.people.comment("SEC-1", "/responder approve", "alice")
    site.world.fire("remediate", [row], {"mode": "approve"})
    site.world.work()
    assert site.open_to_world(row["object_id"]) and audited(site, "approved") == []
    assert "had not shown the plan" in comments(site)
    site.world.jira.people.comment("SEC-1", "/responder approve 0123456789abcdef", "alice")
    site.world.work()
    assert site.open_to_world(row["object_id"])
    assert "The plan that you named does not wait" in comments(site)
    site.world.jira.people.comment("SEC-1", "/Responder  APPROVE", "alice")
    site.world.work()
    assert not site.open_to_world(row["object_id"])


@pytest.mark.extended
def test_what_is_not_switched_on_asks_nothing_of_jira_and_what_is_asks_once_a_round(site: Any) -> None:
    ask_for(site)
    have_followed_up(site)
    assert requests_of(site, site.world.work) == []
    let_answer(site, ALICE)
    site.world.work()
    assert requests_of(site, site.world.work) == ["GET search/jql"]
    site.world.jira.people.comment("SEC-1", "Is this ours?", "bob")
    assert sorted(requests_of(site, site.world.work)) == ["GET issue/10000/comment", "GET search/jql"]
    site.world.developer(jira_poll_seconds="3600")
    assert requests_of(site, site.world.work) == []


@pytest.mark.extended
def test_a_ticket_answers_status_undo_and_what_it_does_not_know(site: Any, asked: str) -> None:
    people, work = site.world.jira.people, site.world.work
    people.comment("SEC-1", "/responder status", "alice")
    people.comment("SEC-1", "/responder dance <!channel> [~bob] {code}", "alice")
    people.comment("SEC-1", "/responder undo", "alice")
    work()
    told = comments(site)
    assert f"Plan {plan(site)} waits" in told and "on the first line of a comment" in told
    assert "no change that can be undone" in told
    assert len([text for text in site.world.jira.issue("SEC-1").comments if "Answers in this ticket" in text]) == 1
    people.comment("SEC-1", "/responder approve", "alice")
    work()
    assert not site.open_to_world(asked)
    people.comment("SEC-1", "/responder undo", "alice")
    work()
    assert site.open_to_world(asked) and "undone by alice@example.com" in comments(site)
    assert site.world.jira.unknown_requests == []


@SLOW
def test_a_no_counts_and_what_has_ended_by_it_can_be_retried(site: Any, asked: str) -> None:
    people, work = site.world.jira.people, site.world.work
    people.comment("SEC-1", "/responder reject", "alice")
    work()
    assert "rejected by alice@example.com" in comments(site)
    people.comment("SEC-1", "/responder retry", "alice")
    people.comment("SEC-1", "/responder approve", "alice")
    work()
    told = comments(site)
    assert "You have asked to try it again." in told and "Nothing in this ticket waits" in told
    assert site.open_to_world(asked)


@pytest.mark.extended
@pytest.mark.parametrize(
    ("service", "method", "path", "before"),
    [
        pytest.param("splunkd", "POST", r"/responder_answers$", False, id="when it is written down", marks=SLOW),
        pytest.param("jira", "GET", r"/user$", True, id="before it is known who it is", marks=SLOW),
        pytest.param("splunkd", "POST", r"/responder_approvals$", False, id="when it counts"),
        pytest.param("splunkd", "POST", r"/responder_evidence/", False, id="before the change", marks=SLOW),
        pytest.param("splunkd", "POST", r"/responder_answers/", True, id="after the change"),
        pytest.param("splunkd", "POST", r"/responder_marks/jira(:|%3A)", True, id="before the cursor", marks=SLOW),
    ],
)
def test_an_approval_is_carried_out_once_whatever_dies(
    site: Any, asked: str, service: str, method: str, path: str, before: bool
) -> None:
    site.world.jira.people.comment("SEC-1", "/responder approve", "alice")
    die_at(site, service, method, path, before)
    see_through(site)
    assert not site.open_to_world(asked), [one["message"] for one in answers(site)]
    assert [event["by"] for event in audited(site, "approved")] == ["alice@example.com"]
    assert len(audited(site, "change_applied")) == 1
    assert [(one["open"], one["reply"]) for one in answers(site)] == [(0, "")], comments(site)


@pytest.mark.extended
@pytest.mark.parametrize("arrives", [True, pytest.param(False, marks=SLOW)], ids=["said", "not said"])
def test_a_reply_is_said_once_whatever_dies(site: Any, asked: str, arrives: bool) -> None:
    site.world.jira.people.comment("SEC-1", "/responder status", "alice")
    die_at(site, "jira", "POST", r"/issue/SEC-1/comment$", before=not arrives)
    see_through(site)
    told = [text for text in site.world.jira.issue("SEC-1").comments if "Answers in this ticket" in text]
    assert len(told) == 1 and plan(site) in told[0]
    assert [one["open"] for one in answers(site)] == [0], (answers(site), site.world.documents("responder_marks"))


def die_at(site: Any, service: str, method: str, path: str, before: bool) -> None:
    """Run the worker until it dies there, and let all pass for which others leave it alone."""
    (worker,) = [one for one in site.world.runner.inputs.instances() if one.scheme == "responder_worker"]
    of, dead = getattr(site.world, service), threading.Event()
    running: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        running[0].kill()
        dead.set()

    of.faults = KillAt(method, path, before, kill)
    site.world.runner.inputs.run_once(worker, running.append)
    of.faults = Faults()
    assert dead.is_set(), "it did not come there"
    site.let_turns_end()
    for mark in site.world.documents("responder_marks"):
        if mark["_key"].startswith("share:"):
            path = f"storage/collections/data/responder_marks/{mark['_key']}"
            site.world.rest("POST", path, json={**mark, "at": mark["at"] - 61}).raise_for_status()


def see_through(site: Any) -> None:
    """Have the worker come by until everything is answered: what it has put off for a while is due at once."""
    for _ in range(4):
        for answer in answers(site):
            if answer["open"]:
                path = f"storage/collections/data/responder_answers/{answer['_key']}"
                site.world.rest("POST", path, json={**answer, "due_at": 1.0}).raise_for_status()
        site.let_turns_end()
        site.world.work()
        if answers(site) and not any(answer["open"] for answer in answers(site)):
            break


STATUSES = "Approved=approve, declined=Reject, Won't Fix=excuse"


def test_statuses_and_labels_answer_as_the_changelog_says(site: Any) -> None:
    let_answer(site, ALICE, answer_statuses=STATUSES, answer_labels="ctr-approve=approve")
    people, work = site.world.jira.people, site.world.work
    groups = [ask_for(site)["object_id"] for _ in range(3)]
    people.transition("SEC-1", "Approved", "bob")
    people.transition("SEC-2", "Approved", "alice")
    people.label("SEC-3", "alice", "ctr-approve")
    work()
    assert [site.open_to_world(group) for group in groups] == [True, False, False]
    assert {event["by"] for event in audited(site, "answer_refused")} == {BOB.account_id}
    assert {event["by"] for event in audited(site, "approved")} == {"alice@example.com"}
    # What is taken back before it is read is no answer.
    people.transition("SEC-1", "Approved", "alice")
    people.transition("SEC-1", "In Progress", "alice")
    work()
    assert site.open_to_world(groups[0])
    people.transition("SEC-1", "Declined", "alice")
    work()
    assert "rejected by alice@example.com" in comments(site)


@pytest.mark.extended
def test_what_will_not_be_fixed_is_excused_by_the_account_with_its_reason(site: Any) -> None:
    let_answer(site, ALICE, answer_statuses=STATUSES, excuse_days="7")
    ask_for(site)
    people = site.world.jira.people
    people.comment("SEC-1", "That is our bastion host.", "alice")
    people.transition("SEC-1", "Won't Fix", "alice", "10001")
    site.world.work()
    (event,) = audited(site, "case_excused")
    assert (event["by"], event["way"], event["reason"]) == ("alice@example.com", "jira", "That is our bastion host.")
    assert event["until"] - event["time"] == pytest.approx(7 * 86_400, abs=5)
    assert site.world.rest("POST", f"{APP}/waiting", json={}).json()["waiting"] == []


@pytest.mark.extended
def test_a_case_shows_how_its_ticket_stands(site: Any, asked: str) -> None:
    people = site.world.jira.people

    def case() -> dict[str, Any]:
        site.world.work()
        (found,) = site.world.documents("responder_cases")
        return {name: found[f"ticket{name}"] for name in ("", "_status", "_assignee", "_closed_at")}

    people.assign("SEC-1", "bob", "alice")
    assert case() == {"": "SEC-1", "_status": "To Do", "_assignee": "Bob Baker", "_closed_at": 0}
    people.transition("SEC-1", "Done", "bob")
    assert case()["_closed_at"] > 0
    people.transition("SEC-1", "In Progress", "bob")
    assert (case()["_closed_at"], case()["_status"]) == (0, "In Progress")
    site.world.jira.relocate("SEC-1", "OPS")
    assert case()[""] == "OPS-1"
    people.comment("OPS-1", "/responder approve", "alice")
    site.world.work()
    assert not site.open_to_world(asked)


@pytest.mark.extended
def test_a_dead_jira_holds_up_nothing_and_nothing_is_lost(site: Any, asked: str) -> None:
    site.world.jira.people.comment("SEC-1", "/responder approve", "alice")
    site.world.jira.faults.add("status", status=503)
    row = site.open_ssh()
    site.world.fire("remediate", [row], {"mode": "enforce"})
    site.world.work()
    assert not site.open_to_world(row["object_id"]) and site.open_to_world(asked)
    site.world.jira.faults = Faults()
    for mark in site.world.documents("responder_marks"):
        if mark["_key"].startswith("breaker:"):
            site.world.rest("DELETE", f"storage/collections/data/responder_marks/{mark['_key']}").raise_for_status()
    site.world.work()
    assert not site.open_to_world(asked)


def test_a_forged_webhook_has_at_most_a_ticket_of_ours_read(site: Any, asked: str) -> None:
    site.world.jira.people.assign("SEC-1", "bob", "alice")
    site.world.work()

    def changed(body: Any) -> Any:
        return site.world.rest("POST", f"{APP}/jira_changed", json=body)

    forged = {"site": "jira", "key": "SEC-1", "user": ALICE.account_id, "comment": "/responder approve"}
    assert requests_of(site, lambda: changed(forged)) == ["GET issue/10000", "GET issue/10000/comment"]
    wrong = ("SEC-2", "../../x", 'SEC-1" OR 1=1', "", None, ["SEC-1"], "S" * 5_000)
    assert requests_of(site, lambda: [changed({"site": "jira", "key": key}) for key in wrong].clear()) == []
    assert answers(site) == [] and site.open_to_world(asked)
    site.world.jira.index_lag = float("inf")
    site.world.jira.people.comment("SEC-1", "/responder approve", "alice")
    assert changed({"site": "jira", "key": "SEC-1"}).json() == {"read": True}
    assert not site.open_to_world(asked)


@SLOW
def test_an_event_in_the_index_has_its_ticket_read_within_the_round(site: Any) -> None:
    """It comes by the HTTP Event Collector, and Jira's search shows no change yet. Slow: a round is waited for."""
    let_answer(site, ALICE)
    site.world.rest("POST", "/services/data/indexes", data={"name": "jira"})
    made = site.world.rest("POST", "/services/data/inputs/http", data={"name": "jira", "index": "jira"}).json()
    token = made["entry"][0]["content"]["token"]
    group = ask_for(site)["object_id"]
    site.world.jira.people.assign("SEC-1", "bob", "alice")
    site.world.work()
    site.world.jira.index_lag = float("inf")
    site.world.jira.people.comment("SEC-1", "/responder approve", "alice")
    bodies: list[Any] = [{"key": "SEC-1", "actor": "x"}, {"key": "SEC-99"}, {"key": "| delete"}, {"issue": {"key": 7}}]
    for body in [*bodies, [], "x"]:
        sent = requests.post(
            f"{site.world.splunkd.uri}/services/collector/event",
            json={"event": body},
            headers={"Authorization": f"Splunk {token}"},
            timeout=10,
        )
        assert sent.ok, sent.text
    (worker,) = [one for one in site.world.runner.inputs.instances() if one.scheme == "responder_worker"]
    site.world.rest("POST", f"data/inputs/responder_worker/{worker.name}", data={"interval": "10"}).raise_for_status()
    save(site, ALICE, webhook_index="jira")
    seen = requests_of(site, site.world.work)
    site.world.rest("POST", f"data/inputs/responder_worker/{worker.name}", data={"interval": "60"}).raise_for_status()
    assert not site.open_to_world(group)
    # The second look sees the last second of the first once more.
    assert 1 <= len([one for one in seen if re.fullmatch(r"GET issue/[^/]+", one)]) <= 2
