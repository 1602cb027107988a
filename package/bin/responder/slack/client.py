"""Messages in Slack: post one, answer in its thread, find it again.

With a bot token a message carries its marker as metadata, and an unknown outcome can be looked up in the channel's
history. An incoming webhook gives nothing back and cannot be asked: ``can_look_up`` is False, and whether to risk a
second message after an unknown outcome is the caller's decision. Source: docs.slack.dev, "chat.postMessage",
"Message metadata", "Sending messages using incoming webhooks".
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from ..documents.document import Document
from ..errors import ConfigurationError, Curable, NotPermitted
from ..http_failures import quote_text
from ..http_gate import OPEN, Gates, admitted
from ..http_guard import Guard
from ..http_transport import member, unguarded
from ..own_refusals import tried_again
from ..remembered import Remembered
from ..settings.model import Http, SlackWorkspace
from . import blocks as slack
from . import colleagues, lookup, reactions
from .check import check_answers, check_bot, check_reactions, check_webhook
from .connection import SlackConnection
from .failures import TAB
from .members import Members, NoFullMember, Person
from .mentions import Mentions

log = logging.getLogger("cloudtrail_responder")


@dataclass(frozen=True)
class Posted:
    """Where a message stands. Empty fields where Slack does not say (webhooks)."""

    #: The channel's id, whatever it was named by.
    channel: str
    #: Time stamp, the message's id in its channel and the name of the thread under it.
    ts: str
    permalink: str = ""


class Chat:
    """One Slack workspace. Safe to share between threads.

    Every method may raise ConfigurationError, NotPermitted, Curable, NotFound (the message or thread is gone) or
    Unavailable, all of which mean that nothing was done; ``post`` also UnknownOutcome, after which only ``find`` tells
    whether it did. ``before_send`` is called right before the bytes of a write go to the socket; what it raises comes
    out unchanged and nothing is sent.
    """

    def __init__(self, workspace: SlackWorkspace, http: Http, gates: Gates = OPEN) -> None:
        self._workspace = workspace
        self._http = http
        self._slack = SlackConnection(workspace, http, gates)
        self._channels = lookup.Channels(self._slack)
        self._conversations: Remembered[str] = Remembered(lookup.IDS_KNOWN_FOR)
        self._us: lookup.Author | None = None
        self._members = Members(workspace, self._slack)
        self._mentions = Mentions(self._slack)

    def __repr__(self) -> str:
        return f"Chat({self._workspace.name!r})"

    @property
    def can_look_up(self) -> bool:
        """Whether ``find`` can tell if a message was posted, and threads exist."""
        return self._workspace.auth_type == "bot"

    def admitted(self, channel: str) -> AbstractContextManager[None]:
        """Wait for the turn of the message that is posted inside. Raises PutOff, and then nothing is to be sent."""
        return admitted(self._slack.gate(self._place(self._channel(channel)) if self.can_look_up else ""))

    def post(
        self,
        channel: str,
        document: Document,
        marker: str,
        thread_ts: str | None = None,
        before_send: Guard = unguarded,
    ) -> Posted:
        """Post a message, with ``thread_ts`` as a reply; one request. ``channel`` is a name or an id, empty = default.
        A member's id or email address stands for the conversation with him, which ``admitted`` has opened.

        A webhook posts to its own channel, without marker and thread, and returns ``Posted("", "")``.
        """
        message = slack.render(document, with_buttons=self._workspace.takes_answers)
        # Markup is off for the text, nothing is unfurled, no name is turned into a mention.
        body: dict[str, Any] = {
            "text": message.text,
            "blocks": message.blocks,
            "mrkdwn": False,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if not self.can_look_up:
            self._slack.webhook(body, before_send)
            return Posted("", "")
        chosen = self._place(self._channel(channel))
        body.update(channel=chosen, link_names=False, metadata=lookup.metadata(marker))
        if thread_ts:
            body["thread_ts"] = thread_ts
        posted = self._slack.write("chat.postMessage", chosen, body, _posted, before_send)
        self._channels.put(chosen, posted.channel)
        self._slack.is_same_channel(chosen, posted.channel)
        return posted

    def update(
        self, channel: str, ts: str, document: Document, marker: str, before_send: Guard = unguarded
    ) -> None:
        """Have a message of ours say something else; as ``post``. ``channel`` is an id. Made again, it is the same.

        Raises NotFound also for a message that cannot be edited any more.
        """
        message = slack.render(document, with_buttons=self._workspace.takes_answers)
        # What stays as it is, is sent again: what Slack keeps of what is left out is not told for each kind of message.
        body = {
            "channel": channel,
            "ts": ts,
            "text": message.text,
            "blocks": message.blocks,
            "link_names": False,
            "metadata": lookup.metadata(marker),
        }
        self._slack.write("chat.update", channel, body, lookup.timestamp, before_send)

    def find(self, channel: str, marker: str, since: float, thread_ts: str | None = None) -> Posted | None:
        """Our message with a marker posted ``since`` (epoch seconds), in the channel or in a thread; None if none.

        Of several the oldest, so that everybody who looks finds the same. Needs the scopes channels:history
        (groups:history for a private channel), and channels:read (groups:read) where the channel is given by name.
        """
        if not self.can_look_up:
            raise ConfigurationError(
                f"{self._slack.target}: a webhook cannot look a message up.", f"Use a bot token {TAB} for that."
            )
        if self._us is None:
            self._us = self._slack.read("auth.test", lookup.author)
        number = self._channels.id(self._place(self._channel(channel)))
        ts = lookup.find_message(self._slack, number, marker, since, thread_ts, self._us)
        return Posted(number, ts) if ts else None

    def mentioned(self, wanted: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Ids of members and user groups for what administrators have entered; and what was not found, for people."""
        return self._mentions.ids(wanted, may_ask=self.can_look_up)

    def permalink(self, posted: Posted) -> str:
        """The address of a message for people's browsers; empty where Slack gave no time stamp."""
        if not posted.ts:
            return ""
        return self._slack.read(
            "chat.getPermalink",
            lambda body: member(body, "permalink", str),
            channel=posted.channel,
            message_ts=posted.ts,
        )

    def who(self, user: str, team: str = "") -> Person:
        """Who has answered, where he may. Raises MayNotAnswer for anybody else; see ``Members.who``."""
        with tried_again(NotPermitted):
            return self._members.who(user, team)

    def colleague(self, name: str) -> str:
        """Id of the full member of this workspace of an email address or id; empty where there is none."""
        user = colleagues.by_email(self._slack, name) if "@" in name else name
        try:
            return self._members.colleague(user).id if user else ""
        except NoFullMember as error:
            log.info("workspace=%s: %s", self._workspace.name, error)
            return ""

    def answering_for_himself(self, user: str, team: str = "") -> Person:
        """Who has answered what only he was asked; see ``Members.colleague``."""
        with tried_again(NotPermitted):
            return self._members.colleague(user, team)

    def conversation(self, user: str) -> str:
        """Id of the conversation with somebody alone."""
        return colleagues.conversation(self._slack, user)

    def reactions(self, channel: str, ts: str) -> list[reactions.Reaction]:
        """What people have answered to a message of ours by reactions, by the channel's id."""
        return reactions.read(self._slack, channel, ts)

    def public_channels(self, most: int) -> list[tuple[str, str]]:
        """Name and id of public channels; none for a webhook, which has one of its own."""
        return self._channels.public(most) if self.can_look_up else []

    def check(self) -> str:
        """For the setup page: that the credential works and may post. Posts nothing, so a webhook is not tested."""
        if not self.can_look_up:
            return check_webhook(self._slack, self._workspace)
        found = check_bot(self._slack, self._workspace.default_channel.strip(), self._channels, self._place)
        if self._workspace.takes_reactions:
            return found + check_reactions(self._slack, self._members)
        if not self._workspace.takes_answers:
            return found
        of_app = SlackConnection(self._workspace, self._http, of_app=True)
        return found + check_answers(
            self._slack, of_app, self._members, bool(self._workspace.api_url), self._workspace.asks_actors
        )

    def _channel(self, channel: str) -> str:
        chosen = (channel or self._workspace.default_channel).strip()
        if not chosen:
            raise ConfigurationError(
                f"{self._slack.target}: no channel is set.", f"Enter one in the alert action, or a default {TAB}."
            )
        return chosen

    def _place(self, channel: str) -> str:
        """Of a member the conversation with him; anything else as it is named. Raises Curable for a wrong member."""
        if not colleagues.is_person(channel):
            return channel
        known = self._conversations.get(channel)
        if known is None:
            user = self.colleague(channel)
            if not user:
                raise Curable(
                    f"{self._slack.target}: there is no full member {quote_text(channel)}.",
                    "Correct the address or ID, or name a channel.",
                )
            known = self.conversation(user)
            self._conversations.put(channel, known)
        return known


def _posted(body: dict[str, Any]) -> Posted:
    channel = member(body, "channel", str)
    if not re.fullmatch(r"[A-Z0-9]{3,}", channel):
        raise ValueError("not a channel's id")
    return Posted(channel, lookup.timestamp(body))
