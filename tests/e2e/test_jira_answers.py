"""People answer in tickets, on the built app: by a comment, a status or a label, once, whatever dies; nobody else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.jira.model import USERS, User
from sandbox.world import APP

PEOPLE = {user.name: user for user in USERS}
ALICE, BOB = PEOPLE["alice"], PEOPLE["bob"]
SLOW = pytest.mark.slow


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


def let_answer(site: Any, *people: User, **fields: str) -> None:
    """Save who may answer, and let the app begin to listen."""
    site.world.developer(jira_poll_seconds="0")
    form = {"answerers": ", ".join(user.account_id for user in people), **fields}
    answer = site.world.rest("POST", f"{APP}_jira_site/jira", data={**site.world.jira_form(), **form})
    assert answer.ok, answer.text
    site.world.work()


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
    for name in ("bob", "carol", "rule", "dan", "responder"):
        site.world.jira.people.comment("SEC-1", "/responder approve", name)
    quoted = {"type": "blockquote", "content": [paragraph("/responder approve")]}
    site.world.jira.people.comment("SEC-1", {"type": "doc", "version": 1, "content": [quoted]}, "alice")
    by_another = site.world.jira.people.comment("SEC-1", "Looks fine to me.", "alice")
    site.world.jira.people.edit(by_another, "/responder approve", "bob")
    site.world.work()
    assert site.open_to_world(group) and audited(site, "approved") == []
    refused = {PEOPLE_BY_ID[event["by"]] for event in audited(site, "answer_refused")}
    assert refused == {"bob", "carol", "rule", "dan"}
    told = [text for text in site.world.jira.issue("SEC-1").comments if "Answers in this ticket" in text]
    assert len(told) == 1 and "may not answer here" in told[0] and "is deactivated" in told[0]
    site.world.jira.people.comment("SEC-1", "/responder approve", "bob")
    site.world.work()
    again = [text for text in site.world.jira.issue("SEC-1").comments if "Answers in this ticket" in text]
    assert len(again) == 1 and len(audited(site, "answer_refused")) == 5


PEOPLE_BY_ID = {user.account_id: user.name for user in USERS}


def paragraph(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": text}]}


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
    assert "The plan that you name does not wait" in comments(site)
    site.world.jira.people.comment("SEC-1", "/Responder  APPROVE", "alice")
    site.world.work()
    assert not site.open_to_world(row["object_id"])


def test_what_is_not_switched_on_asks_nothing_of_jira_and_what_is_asks_once_a_round(site: Any) -> None:
    ask_for(site)
    assert requests_of(site, site.world.work) == []
    let_answer(site, ALICE)
    site.world.work()
    assert requests_of(site, site.world.work) == ["GET search/jql"]
    site.world.jira.people.comment("SEC-1", "Is this ours?", "bob")
    assert sorted(requests_of(site, site.world.work)) == ["GET issue/10000/comment", "GET search/jql"]
    site.world.developer(jira_poll_seconds="55")
    assert requests_of(site, site.world.work) == []


def test_a_ticket_answers_reject_undo_status_and_what_it_does_not_know(site: Any, asked: str) -> None:
    people, work = site.world.jira.people, site.world.work
    people.comment("SEC-1", "/responder status", "alice")
    people.comment("SEC-1", "/responder dance <!channel> [~bob] {code}", "alice")
    work()
    told = comments(site)
    assert f"Plan {plan(site)} waits" in told and "on the first line of a comment" in told
    people.comment("SEC-1", "/responder reject", "alice")
    work()
    assert "rejected by alice@example.com" in comments(site)
    people.comment("SEC-1", "/responder undo", "alice")
    work()
    assert "no change that can be undone" in comments(site)
    people.comment("SEC-1", "/responder retry", "alice")
    work()
    assert "asked to try it again" in comments(site)
    people.comment("SEC-1", "/responder approve", "alice")
    work()
    assert not site.open_to_world(asked), answers(site)[-1]["message"] + comments(site)
    people.comment("SEC-1", "/responder undo", "alice")
    work()
    assert site.open_to_world(asked), answers(site)[-1]
    assert "undone by alice@example.com" in comments(site)
    assert site.world.jira.unknown_requests == []
