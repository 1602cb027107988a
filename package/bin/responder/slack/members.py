"""Who somebody in Slack is, and whether he may answer. Slack is asked; where it cannot say, nobody may.

Source: docs.slack.dev, "users.info" (and the user object: guests, strangers), "Understanding Slack Connect" (whoever is
in a channel that another company shares is no stranger there), "auth.test" and "usergroups.users.list".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import Curable, MayNotAnswer
from ..http_transport import member
from ..remembered import Remembered
from ..settings.model import SlackWorkspace
from .connection import SlackConnection
from .failures import TAB

#: Seconds for which a person, and the members of a group, are as they were.
PERSON_KNOWN, GROUP_KNOWN = 60.0, 300.0
_EMAIL = r"[\w.+'-]{1,64}@[A-Za-z0-9.-]{1,190}"
_FOREIGN = "is of another company"
#: Who cannot answer, whatever the list says.
_EXCLUDED = {
    "deleted": "is deactivated",
    "is_bot": "is a bot",
    "is_restricted": "is a guest",
    "is_ultra_restricted": "is a guest",
    "is_stranger": _FOREIGN,
}


class NoFullMember(MayNotAnswer):
    """A bot, a guest, somebody of another company, or who is deactivated."""


@dataclass(frozen=True)
class Person:
    id: str
    #: As audit, ticket and thread name him: a user of Splunk, an address, or a name with the id.
    by: str
    #: Whether that is a name by which Splunk or AWS may know him, too.
    is_identified: bool


class Members:
    """The people of one workspace. Safe to share between threads."""

    def __init__(self, workspace: SlackWorkspace, slack: SlackConnection) -> None:
        self._slack = slack
        entries = [entry.partition("=") for entry in workspace.answerers]
        self._names = {number: name for number, _, name in entries if re.fullmatch(r"[UW][A-Z0-9]+", number)}
        self._groups = [number for number, _, _ in entries if re.fullmatch(r"S[A-Z0-9]{7,}", number)]
        self._emails = {number.lower() for number, _, _ in entries if "@" in number}
        self._people: Remembered[Mapping[str, Any]] = Remembered(PERSON_KNOWN)
        self._members: Remembered[Sequence[str]] = Remembered(GROUP_KNOWN)
        self._own: Remembered[tuple[str, str]] = Remembered(3600.0)

    def who(self, user: str, team: str = "") -> Person:
        """Who may answer. Raises MayNotAnswer for others, and as ``SlackConnection.read`` where Slack does not say it.

        ``team``: in which workspace it was done, as Slack says; "" where it does not.
        """
        found = self._colleague(user, team)
        email = _email_of(found)
        if not (user in self._names or email.lower() in self._emails or self._is_in_a_group(user)):
            raise MayNotAnswer(f"{user} may not answer here.", f"Ask an administrator to add you {TAB}.")
        return self._named(user, found)

    def colleague(self, user: str, team: str = "") -> Person:
        """The same of anybody who is a full member of the workspace, on the list or not: who was asked may answer."""
        return self._named(user, self._colleague(user, team))

    def _colleague(self, user: str, team: str) -> Mapping[str, Any]:
        """Raises NoFullMember, and MayNotAnswer where it was done in another workspace."""
        found = self._user(user)
        excluded = next((why for flag, why in _EXCLUDED.items() if found.get(flag)), "")
        if not excluded and not self._is_ours(found):
            excluded = _FOREIGN
        if excluded:
            raise NoFullMember(f"{user} {excluded} and cannot answer.", "Ask somebody who may.")
        if team and team != self._own_place()[0]:
            raise MayNotAnswer("It was answered in another workspace.", "Answer where the app asked.")
        return found

    def _named(self, user: str, found: Mapping[str, Any]) -> Person:
        email = _email_of(found)
        known = self._names.get(user) or email
        name = re.sub(r"[^\w.+-]", "", str(found.get("name") or ""))[:40]
        return Person(user, known or f"{name} ({user})".strip(), bool(known))

    def check(self) -> None:
        """Whether everybody on the list is known. Raises Curable, NotPermitted, Unavailable."""
        for user in self._names:
            try:
                self._user(user)
            except Curable as error:
                raise Curable(f"{self._slack.target}: there is no member {user}.", f"Correct it {TAB}.") from error
        for group in self._groups:
            self._of_group(group)

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the bot token needs for the list as it is."""
        emails = ("users:read.email",) if self._emails else ()
        return ("users:read", *emails, *(("usergroups:read",) if self._groups else ()))

    def _user(self, user: str) -> Mapping[str, Any]:
        known = self._people.get(user)
        if known is None:
            known = self._slack.read("users.info", lambda body: _same(member(body, "user", dict), user), user=user)
            self._people.put(user, known)
        return known

    def _is_in_a_group(self, user: str) -> bool:
        return any(user in self._of_group(group) for group in self._groups)

    def _of_group(self, group: str) -> Sequence[str]:
        known = self._members.get(group)
        if known is None:
            try:
                known = self._slack.read(
                    "usergroups.users.list", lambda body: tuple(map(str, member(body, "users", list))), usergroup=group
                )
            except Curable as error:
                raise Curable(
                    f"{self._slack.target}: the user group {group} cannot be read: {error.message}",
                    f"Correct 'Who may answer' {TAB}.",
                ) from error
            self._members.put(group, known)
        return known

    def _is_ours(self, user: Mapping[str, Any]) -> bool:
        """Whether he is of this workspace, or of the organization that it belongs to."""
        team, enterprise = self._own_place()
        of = user.get("enterprise_user")
        return user.get("team_id") == team or (
            bool(enterprise) and isinstance(of, dict) and of.get("enterprise_id") == enterprise
        )

    def _own_place(self) -> tuple[str, str]:
        """The id of this workspace, and of its organization where there is one (Enterprise Grid)."""
        known = self._own.get("")
        if known is None:
            known = self._slack.read(
                "auth.test", lambda body: (member(body, "team_id", str), str(body.get("enterprise_id") or ""))
            )
            self._own.put("", known)
        return known


def _same(found: dict[str, Any], user: str) -> dict[str, Any]:
    if found.get("id") != user:
        raise ValueError("another user")
    return found


def _email_of(user: Mapping[str, Any]) -> str:
    """Empty where the scope for it is missing; of a form in which it can stand in any text."""
    profile = user.get("profile")
    email = profile.get("email") if isinstance(profile, dict) else ""
    return email if isinstance(email, str) and re.fullmatch(_EMAIL, email) else ""
