"""What is taken of an envelope, and what of it reaches a log, a message or a decision: nothing that a person wrote."""

from __future__ import annotations

import json
from typing import Any

import pytest
from outward_clients import HTTP, bot_of, workspace_of
from responder.documents.document import Button, Document, Paragraph, plain
from responder.errors import Curable, NotPermitted, ResponderError, Unavailable
from responder.settings.secret import Secret
from responder.slack import interaction, replies
from responder.slack.blocks import MAX_BLOCKS, MAX_TOTAL, render, size
from responder.slack.client import Chat
from responder.slack.socket_mode import Envelope

from sandbox.slack import SlackStandIn
from sandbox.slack import blocks as block_kit
from sandbox.slack.model import User, UserGroup

ALICE, BOB = "U0ALICE001", "U0BOB00001"
TASK, PLAN = f"{'0' * 20}.remediate.{'1' * 16}", "2" * 16
HOSTILE = "x</script> <!channel> <@U0ALICE001> \u202e level=ERROR user=admin\n`*_~"


def clicked(**changes: Any) -> Envelope:
    payload: dict[str, Any] = {
        "type": "block_actions",
        "user": {"id": ALICE, "username": HOSTILE, "name": HOSTILE},
        "api_app_id": "A1",
        "team": {"id": "T0SANDBOX1", "domain": HOSTILE},
        "container": {"channel_id": "C0SECALERT", "message_ts": HOSTILE},
        "message": {"text": HOSTILE},
        "actions": [{"action_id": "responder.approve", "value": interaction.button_value(TASK, PLAN)}],
    }
    return Envelope("e1", "interactive", {**payload, **changes}, "A1")


def test_of_a_click_ids_are_taken_and_no_words() -> None:
    found = interaction.read(clicked())
    assert found == interaction.Interaction("e1", "approve", ALICE, "T0SANDBOX1", "C0SECALERT", TASK, PLAN)


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "view_submission"},
        {"api_app_id": "A2"},
        {"api_app_id": None},
        {"user": None},
        {"user": {"id": HOSTILE}},
        {"user": {"id": ["U0ALICE001"]}},
        {"actions": None},
        {"actions": []},
        {"actions": [{}, {}]},
        {"actions": ["approve"]},
        {"actions": [{"action_id": "approve", "value": interaction.button_value(TASK, PLAN)}]},
        {"actions": [{"action_id": "responder.delete", "value": interaction.button_value(TASK, PLAN)}]},
        *(
            {"actions": [{"action_id": "responder.approve", "value": value}]}
            for value in (None, 5, "", "[]", "{}", "null", "[" * 1_000, json.dumps({"task": TASK}))
        ),
        *(
            {"actions": [{"action_id": "responder.approve", "value": interaction.button_value(*about)}]}
            for about in ((HOSTILE, PLAN), (TASK, HOSTILE), ("../" + TASK, PLAN), (TASK, "x" * 100))
        ),
    ],
)
def test_what_is_no_answer_of_ours_is_none(changes: dict[str, Any], logged: list[str]) -> None:
    assert interaction.read(clicked(**changes)) is None
    assert HOSTILE not in "\n".join(logged)


def test_a_command_is_cut_and_everything_else_of_it_is_left_out() -> None:
    payload = {"user_id": ALICE, "user_name": HOSTILE, "channel_id": HOSTILE, "text": "x" * 9_999, "api_app_id": ""}
    found = interaction.read(Envelope("e1", "slash_commands", payload))
    assert found is not None and (found.channel, found.text) == ("", "x" * interaction.MOST_TEXT)
    assert interaction.read(Envelope("e1", "slash_commands", {**payload, "text": 5})) is None
    assert interaction.read(Envelope("e1", "events_api", payload)) is None


def chat_of(slack: SlackStandIn, *answerers: str) -> Chat:
    return Chat(workspace_of(slack, answerers=answerers), HTTP)


def test_a_person_is_named_by_what_others_know_him_by(slack: SlackStandIn) -> None:
    chat = chat_of(slack, f"{ALICE}=kim", "Bob@Example.com")
    assert [chat.who(user).by for user in (ALICE, BOB)] == ["kim", "bob@example.com"]
    slack.users["U0HOSTILE1"] = User("U0HOSTILE1", HOSTILE, HOSTILE, HOSTILE)
    found = chat_of(slack, "U0HOSTILE1").who("U0HOSTILE1")
    assert not found.is_identified and "U0HOSTILE1" in found.by and not set(found.by) & set("<>@&`*~\n ") - {" "}


@pytest.mark.parametrize("flag", ["deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger"])
def test_who_is_no_full_member_may_not_answer(slack: SlackStandIn, flag: str) -> None:
    flags: dict[str, Any] = {flag: True}
    slack.users[ALICE] = User(ALICE, "alice", "Alice", "alice@example.com", **flags)
    slack.groups["S0ONCALL01"] = UserGroup("S0ONCALL01", "oncall", (ALICE,))
    with pytest.raises(NotPermitted):
        chat_of(slack, ALICE, "alice@example.com", "S0ONCALL01").who(ALICE)


def test_in_a_channel_shared_with_another_company_its_people_may_not_answer(slack: SlackStandIn) -> None:
    """They are no strangers to Slack, and what address they have is their own company's to say."""
    slack.users["U0FOREIGN1"] = User("U0FOREIGN1", "alice", "Alice", "alice@example.com", team_id="T0ELSEWHER")
    slack.groups["S0ONCALL01"] = UserGroup("S0ONCALL01", "oncall", ("U0FOREIGN1",))
    chat = chat_of(slack, "U0FOREIGN1", "alice@example.com", "S0ONCALL01")
    with pytest.raises(NotPermitted, match="of another company"):
        chat.who("U0FOREIGN1", "T0SANDBOX1")
    assert chat.who(ALICE, "T0SANDBOX1").by == "alice@example.com"


def test_the_workspaces_of_one_organization_are_one_company(slack: SlackStandIn) -> None:
    for number, enterprise in (("U0SISTER01", "E0EXAMPLE1"), ("U0FOREIGN1", "E0ANOTHER1"), ("U0FOREIGN2", "")):
        slack.users[number] = User(number, "x", "X", team_id="T0ELSEWHER", enterprise_id=enterprise)
    slack.enterprise_id = "E0EXAMPLE1"
    chat = chat_of(slack, "U0SISTER01", "U0FOREIGN1", "U0FOREIGN2")
    assert chat.who("U0SISTER01").id == "U0SISTER01"
    for foreign in ("U0FOREIGN1", "U0FOREIGN2"):
        with pytest.raises(NotPermitted, match="of another company"):
            chat.who(foreign)


def test_an_address_that_slack_does_not_show_is_none(slack: SlackStandIn) -> None:
    slack.scopes.remove("users:read.email")
    with pytest.raises(NotPermitted, match="may not answer"):
        chat_of(slack, "alice@example.com").who(ALICE)


@pytest.mark.parametrize("error", ["internal_error", "ratelimited", "missing_scope", "no_such_subteam", "what_is_this"])
def test_where_slack_cannot_say_who_is_in_a_group_nobody_is(slack: SlackStandIn, error: str) -> None:
    chat = chat_of(slack, "S0ONCALL01")
    slack.faults.add("status", path="usergroups.users.list", status=200, body={"ok": False, "error": error})
    with pytest.raises((NotPermitted, Curable, Unavailable)):
        chat.who(ALICE)


@pytest.mark.parametrize("error", ["missing_scope", "invalid_auth", "token_revoked"])
@pytest.mark.parametrize("asked", ["users.info", "auth.test"])
def test_what_our_own_app_may_not_ask_says_nothing_of_the_person(slack: SlackStandIn, asked: str, error: str) -> None:
    chat = chat_of(slack, ALICE)
    slack.faults.add("status", path=asked, status=200, body={"ok": False, "error": error}, count=2)
    for ask in (chat.who, chat.answering_for_himself):
        with pytest.raises(Unavailable):
            ask(ALICE)
    assert chat.who(ALICE).id == ALICE


def test_saving_says_what_is_missing(slack: SlackStandIn) -> None:
    slack.groups["S0ONCALL01"] = UserGroup("S0ONCALL01", "oncall", (BOB,))
    assert "People can answer" in chat_of(slack, ALICE, "S0ONCALL01").check()
    # An address that begins as an id of a member does.
    assert "People can answer" in chat_of(slack, "U1234567@EXAMPLE.com").check()
    for answerers, told in (("U0NOBODY01", "no member U0NOBODY01"), ("S0NOBODY01", "S0NOBODY01 cannot be read")):
        with pytest.raises(Curable, match=told):
            chat_of(slack, answerers).check()
    with pytest.raises(NotPermitted, match="app-level token"):
        Chat(workspace_of(slack, app_token=Secret("xapp-wrong")), HTTP).check()
    slack.scopes.remove("usergroups:read")
    with pytest.raises(NotPermitted, match="without usergroups:read"):
        chat_of(slack, "S0ONCALL01").check()


def test_buttons_are_within_slacks_limits_whatever_they_say(slack: SlackStandIn) -> None:
    buttons = tuple(
        Button(HOSTILE * 9, verb, f"{TASK[:-1]}{number % 10}", PLAN, HOSTILE * 99)
        for number in range(40)
        for verb in ("approve", "reject")
    )
    words = tuple(Paragraph((plain(HOSTILE * 200),)) for _ in range(80))
    message = render(Document(words, buttons), with_buttons=True)
    assert block_kit.check(message.blocks) and len(message.blocks) <= MAX_BLOCKS and size(message.blocks) <= MAX_TOTAL
    bot_of(slack).post("", Document(words, buttons), "m")
    chat_of(slack, ALICE).post("", Document(words, buttons), "m")
    without, having = slack.messages()
    assert [block for block in without.blocks if block["type"] == "actions"] == []
    assert any(block["type"] == "actions" for block in having.blocks) and having.mentions == []


@pytest.mark.parametrize(
    "url", ["", "http://hooks.slack.com/x", "https://example.com/x", "https://hooks.slack.com.example.com/", "file:///x"]
)
def test_a_person_is_answered_at_slack_or_nowhere(slack: SlackStandIn, url: str) -> None:
    with pytest.raises(ResponderError, match=r"none of Slack's"):
        replies.reply(workspace_of(slack), HTTP, Secret(url), Document((Paragraph((plain("x"),)),)))


def test_an_edit_keeps_what_a_message_is_found_by(slack: SlackStandIn) -> None:
    chat = chat_of(slack, ALICE)
    posted = chat.post("", Document((Paragraph((plain("before"),)),)), "m1")
    for _ in range(2):
        chat.update(posted.channel, posted.ts, Document((Paragraph((plain(HOSTILE),)),)), "m1")
    (message,) = slack.messages()
    assert message.edited and "before" not in message.visible_text and message.mentions == []
    found = chat.find(posted.channel, "m1", 0.0)
    assert found is not None and found.ts == posted.ts
