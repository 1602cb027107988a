"""Who a Slack message mentions: whom an administrator has named, and nobody that a finding names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hostile import DOCUMENTS, TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st
from outward_clients import CHANNEL, DOCUMENT, bot_of, webhook_of
from responder.documents.document import Document, Paragraph, plain
from responder.errors import Unavailable
from responder.slack import blocks

from sandbox.slack import SlackStandIn, mrkdwn
from sandbox.slack.model import ALL_SCOPES, Message, User

few = settings(max_examples=60, deadline=None)
GROUP = "S0123456789"
NO_IDS = ("<!channel>", "channel", "S1", "U0BOB00001>", "u0bob00001", "here", "S0123456789\n", "Ｕ0BOB00001")


def test_members_groups_and_addresses_are_mentioned_once_and_behind_the_heading(slack: SlackStandIn) -> None:
    chat = bot_of(slack)
    ids, notes = chat.mentioned([GROUP, "bob@example.com", "U0BOB00001", "BOB@example.com"])
    assert (ids, notes) == ((GROUP, "U0BOB00001"), ())
    chat.post("", replace(DOCUMENT, mentions=ids), "m")
    (seen,) = slack.messages(CHANNEL)
    assert list(seen.mentions) == [f"<!subteam^{GROUP}>", "<@U0BOB00001>"]
    assert [block["type"] for block in seen.blocks[:2]] == ["header", "section"]


def test_an_address_is_looked_up_once(slack: SlackStandIn) -> None:
    chat = bot_of(slack)
    for _ in range(3):
        chat.mentioned(["bob@example.com", "nobody@example.com"])
    assert [request.path.rpartition("/")[2] for request in slack.requests] == ["users.lookupByEmail"] * 2


def test_whom_slack_does_not_know_keeps_nobody_from_the_message(slack: SlackStandIn) -> None:
    slack.users["U0BOT00009"] = User("U0BOT00009", "robot", "Robot", "robot@example.com", is_bot=True)
    ids, notes = bot_of(slack).mentioned(["nobody@example.com", "robot@example.com", GROUP])
    assert ids == (GROUP,) and len(notes) == 2 and all("knows no such member" in note for note in notes)


def test_a_missing_scope_is_named(slack: SlackStandIn) -> None:
    slack.scopes = [scope for scope in ALL_SCOPES if scope != "users:read.email"]
    chat = bot_of(slack)
    for _ in range(2):
        ids, (note,) = chat.mentioned(["bob@example.com"])
        assert ids == () and "missing_scope" in note and "\n" not in note
    assert len(slack.requests) == 1, "the next message does not ask in vain"


def test_a_slack_that_is_away_is_asked_again_later(slack: SlackStandIn) -> None:
    slack.faults.add("status", path="lookupByEmail", status=503)
    with pytest.raises(Unavailable):
        bot_of(slack).mentioned(["bob@example.com"])


def test_a_webhook_mentions_by_id_and_looks_nobody_up(slack: SlackStandIn) -> None:
    ids, notes = webhook_of(slack).mentioned([GROUP, "bob@example.com"])
    assert ids == (GROUP,) and "webhook" in notes[0] and slack.requests == []


@few
@given(DOCUMENTS, st.lists(TEXTS | st.sampled_from(NO_IDS)))
def test_what_is_no_id_mentions_nobody(document: Document, wanted: list[str]) -> None:
    rendered = blocks.render(replace(document, mentions=(*wanted, GROUP)))
    message = Message("C0SECALERT", "1.0", rendered.text, blocks=rendered.blocks, mrkdwn=False)
    assert mrkdwn.mentions(message) == [f"<!subteam^{GROUP}>"]


def test_a_long_message_still_mentions_and_fits(slack: SlackStandIn) -> None:
    long = Document(tuple(Paragraph((plain("x" * 3000),)) for _ in range(60)), mentions=(GROUP,) * 20)
    bot_of(slack).post("", long, "m")
    (seen,) = slack.messages(CHANNEL)
    assert seen.mentions and len(seen.blocks) <= blocks.MAX_BLOCKS and blocks.size(seen.blocks) <= blocks.MAX_TOTAL
