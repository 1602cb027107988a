"""Who may answer in Jira, and what a comment asks for, on Cloud and on Data Center."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from outward_clients import tickets_of
from responder.errors import Curable, NotPermitted, ResponderError, Unavailable
from responder.jira.accounts import Accounts
from responder.jira.comment_text import Command, command
from responder.settings.jira_answers import JiraAnswers

from sandbox.jira import JiraStandIn
from sandbox.jira.model import USERS, User

PEOPLE = {user.name: user for user in USERS}


@pytest.fixture(params=["cloud", "datacenter"])
def jira(request: pytest.FixtureRequest) -> Iterator[JiraStandIn]:
    with JiraStandIn(request.param) as made:
        yield made
        assert made.unknown_requests == []


def named(jira: JiraStandIn, user: User) -> str:
    """As the list names somebody, and as Jira does behind it."""
    return user.account_id if jira.cloud else user.name


def number(jira: JiraStandIn, name: str) -> str:
    return PEOPLE[name].account_id if jira.cloud else PEOPLE[name].key


def accounts(jira: JiraStandIn, *people: str, groups: tuple[str, ...] = ()) -> Accounts:
    return tickets_of(jira, answers=JiraAnswers(people=people, groups=groups)).accounts


def test_who_is_listed_may_answer_and_is_known_by_the_name_in_splunk(jira: JiraStandIn) -> None:
    found = accounts(jira, f"{named(jira, PEOPLE['alice'])}=kim").who(number(jira, "alice"))
    assert (found.by, found.is_identified) == ("kim", True)


def test_without_such_a_name_only_an_address_that_jira_vouches_for_is_one(jira: JiraStandIn) -> None:
    found = accounts(jira, named(jira, PEOPLE["alice"])).who(number(jira, "alice"))
    if jira.cloud:
        assert (found.by, found.is_identified) == ("alice@example.com", True)
    else:
        assert found.by.startswith("Alice Arnold (JIRAUSER") and not found.is_identified


def test_a_group_is_asked_about_once_in_five_minutes(jira: JiraStandIn) -> None:
    listed = accounts(jira, groups=("Security-Approvers",))
    assert listed.who(number(jira, "alice")).id == number(jira, "alice")
    asked = len(jira.requests)
    listed.who(number(jira, "alice"))
    assert len(jira.requests) == asked
    with pytest.raises(NotPermitted, match="may not answer here"):
        listed.who(number(jira, "bob"))


@pytest.mark.parametrize("name", ["dan", "rule", "eve"])
def test_deactivated_accounts_apps_and_customers_never_may(jira: JiraStandIn, name: str) -> None:
    if not jira.cloud and name != "dan":
        pytest.skip("Data Center does not tell them apart")
    jira.groups["security-approvers"].add(name)
    listed = accounts(jira, named(jira, PEOPLE[name]), groups=("security-approvers",))
    with pytest.raises(NotPermitted, match="cannot answer"):
        listed.who(number(jira, name))


def test_an_address_counts_on_cloud_and_not_where_people_enter_it_themselves(jira: JiraStandIn) -> None:
    listed = accounts(jira, "alice@example.com")
    if jira.cloud:
        assert listed.who(number(jira, "alice")).by == "alice@example.com"
    else:
        with pytest.raises(NotPermitted):
            listed.who(number(jira, "alice"))


@pytest.mark.parametrize("status", [500, 503, 429, 401, 403, 400])
def test_where_jira_does_not_say_nobody_may(jira: JiraStandIn, status: int) -> None:
    """Also where it is our own account that may not ask: that says nothing of the person."""
    jira.faults.add("status", path="/user$", status=status, count=None)
    with pytest.raises(Unavailable):
        accounts(jira, named(jira, PEOPLE["alice"])).who(number(jira, "alice"))


def test_what_saving_finds_out(jira: JiraStandIn) -> None:
    alice = named(jira, PEOPLE["alice"])
    accounts(jira, alice, groups=("security-approvers",)).check()
    with pytest.raises(Curable, match="there is no account"):
        accounts(jira, "nobody-at-all-of-that-name").check()
    with pytest.raises(Curable, match="there is no group 'approvers'"):
        accounts(jira, groups=("approvers",)).check()
    jira.may_browse_people = False
    with pytest.raises(ResponderError, match="who may answer cannot be found out") as raised:
        accounts(jira, alice).check()
    assert "Browse users and groups" in str(raised.value)


def doc(*blocks: Any) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(blocks)}


def paragraph(*texts: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": text} for text in texts]}


ZERO_WIDTH = "\u200b"
APPROVE = Command("approve")


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        pytest.param(doc(paragraph("/responder approve")), APPROVE, id="adf"),
        pytest.param("/responder approve\nBecause it is not ours.", APPROVE, id="wiki"),
        pytest.param(doc(paragraph("/resp", "onder ", "approve")), APPROVE, id="bold in the middle"),
        pytest.param(f"{ZERO_WIDTH}/responder\u00a0\u202eAPPROVE{ZERO_WIDTH}", APPROVE, id="invisible characters"),
        pytest.param("／responder approve", APPROVE, id="full width"),
        pytest.param("/responder approve 0123abcd", Command("approve", "0123abcd"), id="with the plan"),
        pytest.param(
            "/responder excuse 14d our bastion", Command("excuse", days=14, reason="our bastion"), id="excuse with days"
        ),
        pytest.param(
            "/responder excuse 0A1B2c3d4e5f60718293 14d our bastion",
            Command("excuse", "0a1b2c3d4e5f60718293", 14, "our bastion"),
            id="excuse of a case",
        ),
        pytest.param(
            "/responder excuse ALL 14d our bastion", Command("excuse", "all", 14, "our bastion"), id="excuse of all"
        ),
        pytest.param(
            "/responder excuse all is ours", Command("excuse", reason="all is ours"), id="of no more than one"
        ),
        pytest.param("/responder excuse all 14d", Command("help"), id="excuse of all without a reason"),
        pytest.param("/responder excuse our bastion", Command("excuse", reason="our bastion"), id="excuse"),
        pytest.param("/responder excuse 0d x", Command("help"), id="excuse for no day"),
        pytest.param("/responder excuse 30d", Command("help"), id="excuse without a reason"),
        pytest.param("/responder approve this and that", Command("help"), id="too much"),
        pytest.param("/responder", Command("help"), id="nothing"),
        pytest.param("/responder approve `x`", Command("help"), id="no name of a plan"),
        pytest.param("/responders approve", None, id="another word"),
        pytest.param("Please do not /responder approve this", None, id="in the middle"),
        pytest.param("Thanks.\n/responder approve", None, id="on the second line"),
        pytest.param("{quote}\n/responder approve\n{quote}\nSure?", None, id="wiki quote"),
        pytest.param("{code:java}\n/responder approve\n{code}", None, id="wiki code"),
        pytest.param("{noformat}/responder approve", None, id="wiki without an end"),
        pytest.param("bq. /responder approve", None, id="wiki line quote"),
        pytest.param(doc({"type": "blockquote", "content": [paragraph("/responder approve")]}), None, id="adf quote"),
        pytest.param(
            doc({"type": "codeBlock", "content": [{"type": "text", "text": "/responder approve"}]}), None, id="adf code"
        ),
        pytest.param(
            doc({"type": "expand", "content": [paragraph("/responder approve")]}), None, id="adf that is not known"
        ),
        pytest.param(doc("x", None, {"type": "paragraph", "content": "x"}, {"type": []}), None, id="adf of rubbish"),
        pytest.param(None, None, id="none"),
        pytest.param(17, None, id="a number"),
    ],
)
def test_the_first_line_is_the_command_and_what_is_quoted_is_none(body: Any, asked: Command | None) -> None:
    assert command(body) == asked


def test_a_document_that_is_nested_without_end_says_nothing() -> None:
    node: dict[str, Any] = paragraph("/responder approve")
    for _ in range(500):
        node = {"type": "panel", "content": [node]}
    assert command(doc(node)) is None
