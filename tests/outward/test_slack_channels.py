"""Where a message goes: a channel by id or name, in a workspace of any size, or a member; and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from outward_clients import CHANNEL, DOCUMENT, bot_of
from responder.errors import Curable, NotPermitted, ResponderError

from sandbox.slack import SlackStandIn
from sandbox.slack.model import ALL_SCOPES, DEFAULT_CHANNELS, Channel, User

ALICE = "U0ALICE001"


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    """With thousands of channels, an archived one, and one that the bot is not in."""
    many = [Channel(f"C0MANY{number:05}", f"many-{number}") for number in range(2_500)]
    odd = [Channel("C0ARCHIVED", "old", is_archived=True), Channel("C0STRANGER", "elsewhere", is_member=False)]
    with SlackStandIn(channels=[*DEFAULT_CHANNELS, *many, *odd]) as made:
        yield made


def walks(slack: SlackStandIn) -> int:
    return sum(request.path.endswith("conversations.list") for request in slack.requests)


def test_names_of_a_large_workspace_are_listed_once(slack: SlackStandIn) -> None:
    chat = bot_of(slack)
    for name in ("many-2400", "#many-3", "Many-1200", CHANNEL, "many-2400"):
        assert chat.find(name, "m", 0) is None
    assert walks(slack) == 3, "three pages of a thousand, for the first of them"
    for _ in range(3):
        with pytest.raises(Curable, match="no channel #nowhere"):
            chat.find("nowhere", "m", 0)
    assert walks(slack) == 3 + 3 + 1, "public and private ones, and not again within a minute"


@pytest.mark.parametrize("channel", ["alice@example.com", "ALICE@example.com", ALICE])
def test_a_member_is_written_to_alone(slack: SlackStandIn, channel: str) -> None:
    chat = bot_of(slack)
    for _ in range(2):
        with chat.admitted(channel):
            before = len(slack.requests)
            posted = chat.post(channel, DOCUMENT, "m")
            assert len(slack.requests) == before + 1, "nothing stands between the note and the effect"
    assert posted.channel == "D0ALICE001" and len(slack.messages(posted.channel)) == 2
    assert chat.find(channel, "m", 0) is not None
    assert "who may write to" in bot_of(slack, default_channel=channel).check()


@pytest.mark.parametrize("channel", ["nobody@example.com", "gus@example.com", "U0GUEST001", "U0RESPONDR"])
def test_guests_bots_and_strangers_are_not_written_to(slack: SlackStandIn, channel: str) -> None:
    slack.users["U0GUEST001"] = User("U0GUEST001", "gus", "Gus", "gus@example.com", is_restricted=True)
    with pytest.raises(Curable) as refused:
        bot_of(slack).post(channel, DOCUMENT, "m")
    assert channel in refused.value.message and "Correct the address or ID" in refused.value.hint
    assert slack.unknown_requests == [] and not any(r.path.endswith("conversations.open") for r in slack.requests)


@pytest.mark.parametrize(
    ("channel", "kind", "said", "to_do"),
    [
        ("#old", Curable, "channel #old refused the request: is_archived", "or unarchive it"),
        ("C0ARCHIVED", Curable, "channel C0ARCHIVED refused the request: is_archived", "or unarchive it"),
        ("elsewhere", NotPermitted, "channel #elsewhere does not permit this: not_in_channel", "/invite"),
        ("nowhere", Curable, "channel #nowhere refused the request: channel_not_found", "the channel ID is safest"),
        ("<!here>", Curable, "refused the request: channel_not_found", "the channel ID is safest"),
    ],
)
def test_what_is_wrong_with_a_channel_names_it_and_says_what_to_do(
    slack: SlackStandIn, channel: str, kind: type[ResponderError], said: str, to_do: str
) -> None:
    with pytest.raises(kind) as refused:
        bot_of(slack).post(channel, DOCUMENT, "m")
    assert said in refused.value.message and to_do in refused.value.hint


def test_a_missing_scope_names_channel_and_scope(slack: SlackStandIn) -> None:
    slack.scopes = [scope for scope in ALL_SCOPES if scope != "chat:write"]
    with pytest.raises(NotPermitted, match=f"channel #{CHANNEL} does not permit this.*needs chat:write") as refused:
        bot_of(slack).post(CHANNEL, DOCUMENT, "m")
    assert "Add the scope" in refused.value.hint
    slack.scopes = [scope for scope in ALL_SCOPES if scope != "users:read"]
    with pytest.raises(NotPermitted, match="users:read"):
        bot_of(slack).post("alice@example.com", DOCUMENT, "m")
