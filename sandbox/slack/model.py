"""What a Slack workspace is made of, and the errors it answers with."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

TEAM_ID = "T0SANDBOX1"
TEAM_NAME = "Sandbox"
BOT_USER_ID = "U0RESPONDR"
BOT_ID = "B0RESPONDR"
APP_ID = "A0RESPONDR"
#: user id -> (name, real name)
USERS = {
    BOT_USER_ID: ("responder", "CloudTrail Responder"),
    "U0ALICE001": ("alice", "Alice Arnold"),
    "U0BOB00001": ("bob", "Bob Baker"),
}
ALL_SCOPES = (
    "chat:write",
    "channels:read",
    "groups:read",
    "channels:history",
    "groups:history",
    "channels:join",
    "reactions:read",
    "reactions:write",
    "users:read",
    "users:read.email",
    "usergroups:read",
    "im:write",
    "im:history",
)


_EMOJI = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")


class SlackError(Exception):
    """``{"ok": false, "error": code}``; ``extra`` goes into the answer beside it."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra


@dataclass(frozen=True)
class User:
    """A person or a bot. ``is_restricted``, ``is_ultra_restricted``: guests.

    ``is_stranger``: of another workspace and in no channel that is shared with the app's. Who is in one is none, and
    shows by ``team_id`` alone. ``enterprise_id``: of the organization, on Enterprise Grid.
    """

    id: str
    name: str
    real_name: str
    email: str = ""
    deleted: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    team_id: str = TEAM_ID
    enterprise_id: str = ""

    def shown(self, with_email: bool) -> dict[str, Any]:
        """The user object of the Web API; the address needs a scope of its own."""
        flags = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted")
        profile = {
            "real_name": self.real_name,
            "display_name": self.name,
            "real_name_normalized": self.real_name,
            "display_name_normalized": self.name,
            "avatar_hash": "0" * 12,
            "title": "",
            "phone": "",
            "skype": "",
            "status_text": "",
            "status_emoji": "",
            "fields": None,
            "team": self.team_id,
        }
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.real_name,
            **{flag: getattr(self, flag) for flag in flags},
            **({"is_stranger": True} if self.is_stranger else {}),
            **({"enterprise_user": self._enterprise_user()} if self.enterprise_id else {}),
            "is_app_user": False,
            "updated": 1700000000,
            "tz": "Etc/UTC",
            "profile": {**profile, **({"email": self.email} if with_email and self.email else {})},
        }

    def _enterprise_user(self) -> dict[str, Any]:
        return {"id": self.id, "enterprise_id": self.enterprise_id, "teams": [self.team_id], "is_admin": False}


def default_users() -> dict[str, User]:
    """By id: the bot, and people whose addresses are their names at example.com."""
    return {
        number: User(
            number, name, real, "" if number == BOT_USER_ID else f"{name}@example.com", is_bot=number == BOT_USER_ID
        )
        for number, (name, real) in USERS.items()
    }


@dataclass(frozen=True)
class UserGroup:
    id: str
    handle: str
    users: tuple[str, ...]
    is_disabled: bool = False


@dataclass(frozen=True)
class Channel:
    """A channel. ``is_member``: whether the bot is in it."""

    id: str
    name: str
    is_private: bool = False
    is_member: bool = True
    is_archived: bool = False
    #: Of a conversation with one person: the name is his id.
    is_im: bool = False

    def shown(self) -> dict[str, Any]:
        """The conversation object of the Web API."""
        about = {"value": "", "creator": "", "last_set": 0}
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.is_private,
            "is_group": self.is_private,
            "is_im": self.is_im,
            "is_mpim": False,
            "is_private": self.is_private,
            "is_archived": self.is_archived,
            "is_general": self.name == "general",
            "is_member": self.is_member,
            "is_shared": False,
            "is_ext_shared": False,
            "is_org_shared": False,
            "is_pending_ext_shared": False,
            "pending_shared": [],
            "pending_connected_team_ids": [],
            "created": 1700000000,
            "creator": "U0ALICE001",
            "unlinked": 0,
            "previous_names": [],
            "num_members": 3,
            "topic": about,
            "purpose": about,
        }


DEFAULT_CHANNELS = (
    Channel("C0SECALERT", "security-alerts"),
    Channel("C0GENERAL1", "general"),
    Channel("C0SOCPRIVT", "soc-private", is_private=True),
    Channel("C0NOTJOIND", "not-joined", is_member=False),
    Channel("C0OLDINCID", "old-incidents", is_archived=True),
)


@dataclass
class Message:
    """One message. ``blocks``, ``metadata`` and ``reactions`` as the Web API gives them."""

    channel: str
    ts: str
    text: str
    thread_ts: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    reactions: list[dict[str, Any]] = field(default_factory=list)
    mrkdwn: bool = True
    #: Whether ``@name`` in plain text becomes a mention (``link_names`` or ``parse=full``).
    link_names: bool = False
    via: str = "api"
    edited: str = ""
    username: str = ""
    reply_broadcast: bool = False

    def add_reaction(self, name: str, user: str) -> None:
        """Raises ``SlackError``."""
        if not _EMOJI.fullmatch(name):
            raise SlackError("invalid_name")
        for reaction in self.reactions:
            if reaction["name"] == name:
                if user in reaction["users"]:
                    raise SlackError("already_reacted")
                reaction["users"].append(user)
                reaction["count"] += 1
                return
        self.reactions.append({"name": name, "users": [user], "count": 1})

    def remove_reaction(self, name: str, user: str) -> None:
        """Raises ``SlackError``."""
        for reaction in self.reactions:
            if reaction["name"] == name and user in reaction["users"]:
                reaction["users"].remove(user)
                reaction["count"] -= 1
                self.reactions = [one for one in self.reactions if one["count"]]
                return
        raise SlackError("no_reaction")
