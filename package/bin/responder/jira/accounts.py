"""Who somebody in Jira is, and whether he may answer. Jira is asked; where it cannot say, nobody may.

Source: developer.atlassian.com, "Get user" and "Get user groups" (Cloud: account types ``atlassian``, ``app`` and
``customer``; an email address shows where its owner lets it), "user" (Data Center: a user name may change and be given
to somebody else, the key stays; people may enter any email address as theirs).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import Curable, MayNotAnswer, NotFound, NotPermitted
from ..http_transport import member, objects
from ..own_refusals import tried_again
from ..remembered import Remembered
from ..settings.jira_answers import EMAIL, LABEL
from ..settings.model import JiraSite
from .connection import JiraConnection
from .failures import TAB

#: Seconds for which an account, and the groups it is in, are as they were.
ACCOUNT_KNOWN, GROUPS_KNOWN = 60.0, 300.0
#: Cloud: whose account is a person's of this organization.
_A_PERSONS = "atlassian"
_EXCLUDED = {"app": "is an app, or an automation rule", "customer": "is a customer of the service desk"}


@dataclass(frozen=True)
class Account:
    #: Account id (Cloud), or key of the user (Data Center).
    id: str
    #: As audit, ticket and thread name the person: a user of Splunk, an address, or a name with the id.
    by: str
    #: Whether that is a name by which Splunk or AWS may know the person, too.
    is_identified: bool


class Accounts:
    """The people of one site. Safe to share between threads."""

    def __init__(self, site: JiraSite, jira: JiraConnection) -> None:
        self._jira = jira
        pairs = [entry.partition("=") for entry in site.answers.people]
        #: Id, address or user name in lower case -> user of Splunk, or empty.
        self._people = {name.lower(): user for name, _, user in pairs}
        self._groups = {name.lower(): name for name in site.answers.groups}
        self._known: Remembered[Mapping[str, Any]] = Remembered(ACCOUNT_KNOWN)
        self._groups_of: Remembered[frozenset[str]] = Remembered(GROUPS_KNOWN)

    def who(self, number: str) -> Account:
        """Who may answer; ``number`` as in ``Account.id``.

        Raises MayNotAnswer for anybody else, and Unavailable where Jira does not say who it is.
        """
        with tried_again(NotPermitted, Curable):
            return self._who(number)

    def _who(self, number: str) -> Account:
        found = self._account(number)
        kind = str(found.get("accountType") or _A_PERSONS)
        excluded = _EXCLUDED.get(kind, "" if kind == _A_PERSONS else "is not a person's account")
        if found.get("active") is not True:
            excluded = "is deactivated"
        if excluded:
            who = _shown(found, number)
            raise MayNotAnswer(f"Account {who} {excluded} and cannot answer.", "Ask somebody who may.")
        entry = self._entry(found, number)
        if entry is None and not self._is_in_a_group(found, number):
            raise MayNotAnswer(
                f"Account {_shown(found, number)} may not answer here.", f"Ask an administrator to add it {TAB}."
            )
        # On Data Center people enter their addresses themselves.
        known = (entry or "") or (_email_of(found) if self._jira.cloud else "")
        return Account(number, known or _shown(found, number), bool(known))

    def check(self) -> None:
        """Whether everybody on the list is known, and each group. Raises Curable, NotPermitted, Unavailable."""
        for name in self._people:
            if "@" not in name or not self._jira.cloud:
                self._check_account(name)
        for group in self._groups.values():
            self._check_group(group)

    def _check_account(self, name: str) -> None:
        found = self._read(**{"accountId" if self._jira.cloud else "username": name})
        if found is None:
            raise Curable(f"{self._jira.target}: there is no account '{name}'.", f"Correct '{LABEL}' {TAB}.")

    def _check_group(self, name: str) -> None:
        """A name that nobody knows would let in nobody, and nobody would notice."""
        listed = self._jira.get("groups/picker", lambda body: objects(body, "groups"), query=name, maxResults=50)
        names = {str(group.get(part) or "").lower() for group in listed for part in ("name", "groupId")}
        is_id = re.fullmatch(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", name)
        if name.lower() not in names and not is_id:
            raise Curable(
                f"{self._jira.target}: there is no group '{name}', or the token's owner may not see it.",
                f"Correct 'Groups that may answer' {TAB}, or grant Browse users and groups.",
            )

    def _entry(self, found: Mapping[str, Any], number: str) -> str | None:
        """The user of Splunk behind the entry that names the account, perhaps empty; None where none does."""
        names = (number, _email_of(found)) if self._jira.cloud else (str(found.get("name") or ""),)
        return next((self._people[name.lower()] for name in names if name and name.lower() in self._people), None)

    def _is_in_a_group(self, found: Mapping[str, Any], number: str) -> bool:
        if not self._groups:
            return False
        known = self._groups_of.get(number)
        if known is None:
            known = self._cloud_groups(number) if self._jira.cloud else _groups_in(found)
            self._groups_of.put(number, known)
        return not known.isdisjoint(self._groups)

    def _cloud_groups(self, number: str) -> frozenset[str]:
        return self._jira.get("user/groups", _named_groups, accountId=number)

    def _account(self, number: str) -> Mapping[str, Any]:
        """Raises MayNotAnswer where Jira knows no such account."""
        known = self._known.get(number)
        if known is None:
            if self._jira.cloud:
                known = self._read(accountId=number)
            else:
                more = {"expand": "groups"} if self._groups else {}
                known = self._read(key=number, **more)
            if known is None or str(known.get("accountId" if self._jira.cloud else "key")) != number:
                raise MayNotAnswer("Jira does not know the account, so it cannot answer.", "Ask somebody who may.")
            self._known.put(number, known)
        return known

    def _read(self, **named: str) -> Mapping[str, Any] | None:
        try:
            return self._jira.get("user", _user, **named)
        except NotFound:
            return None
        except NotPermitted as error:
            raise NotPermitted(
                f"{self._jira.target}: who may answer cannot be found out: {error.message}",
                "Give the token's owner the global permission Browse users and groups in Jira.",
            ) from error


def identity(author: Any, is_cloud: bool) -> str:
    """What stays the same of whoever wrote something: as ``Account.id``; empty where it does not say."""
    value = author.get("accountId" if is_cloud else "key") if isinstance(author, dict) else None
    return value if isinstance(value, str) and re.fullmatch(r"[\w.+'@:\\-]{1,128}", value) else ""


def _user(body: Any) -> Mapping[str, Any]:
    member(body, "active", bool)
    found: Mapping[str, Any] = body
    return found


def _named_groups(body: Any) -> frozenset[str]:
    if not isinstance(body, list) or not all(isinstance(group, dict) for group in body):
        raise ValueError("no groups in the answer")
    return frozenset(str(group[part]).lower() for group in body for part in ("name", "groupId") if group.get(part))


def _groups_in(user: Mapping[str, Any]) -> frozenset[str]:
    listed = user.get("groups")
    return frozenset(str(group.get("name") or "").lower() for group in objects(listed, "items"))


def _email_of(user: Mapping[str, Any]) -> str:
    """Empty where it is not shown; of a form in which it can stand in any text."""
    email = user.get("emailAddress")
    return email if isinstance(email, str) and re.fullmatch(EMAIL, email) else ""


def _shown(user: Mapping[str, Any], number: str) -> str:
    name = re.sub(r"[^\w .+-]", "", str(user.get("displayName") or user.get("name") or ""))[:40].strip()
    return f"{name} ({number})" if name else number
