"""Who may answer in a Jira site's tickets, and what counts as an answer beside a comment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..errors import ConfigurationError
from .parsing import StanzaReader

APPROVE, REJECT, EXCUSE = "approve", "reject", "excuse"
#: What a status or a label may stand for. Undo and retry act at once, so they are asked for in words.
VERBS = (APPROVE, REJECT, EXCUSE)
_AS_IN_SPLUNK = r"(?:=[\w.+@\\-]{1,80})?"
#: Source: developer.atlassian.com, "User privacy developer guide": account ids have 1 to 128 letters, digits, hyphens,
#: colons; those that are given out have 24 or more.
ACCOUNT_ID, EMAIL = r"[A-Za-z0-9][A-Za-z0-9:_-]{19,127}", r"[\w.+'-]{1,64}@[A-Za-z0-9.-]{1,190}"
#: A user name of Data Center; it may be an address.
USER_NAME = r"[\w.+'@\\-]{1,128}"
LABEL = "Who may answer"
#: What Jira limits a status to, and a group.
LONGEST_STATUS, LONGEST_GROUP = 60, 255
MOST_DAYS = 365


@dataclass(frozen=True)
class JiraAnswers:
    """Of one site. Without anybody who may answer, Jira is asked for nothing."""

    #: Account ids and email addresses (Cloud) or user names (Data Center), each with ``=user`` where Splunk knows them
    #: by that name.
    people: tuple[str, ...] = ()
    #: Names of groups, or (Cloud) their ids.
    groups: tuple[str, ...] = ()
    #: Names of statuses, and labels, in lower case, by what they stand for: ``approve``, ``reject`` or ``excuse``.
    statuses: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    #: Days for which an excuse counts that names none.
    excuse_days: int = 30
    #: Index in which Jira's webhooks arrive; empty where there are none.
    webhook_index: str = ""
    #: Why these settings cannot be read. Then nobody answers; tickets are opened all the same.
    problem: ConfigurationError | None = None

    @property
    def are_taken(self) -> bool:
        """Whether anybody may answer."""
        return bool(self.people or self.groups)

    @property
    def asks_changelog(self) -> bool:
        return bool(self.statuses or self.labels)

    @classmethod
    def saved(cls, read: StanzaReader, is_cloud: bool) -> JiraAnswers:
        """As ``from_conf``; what is wrong is kept."""
        try:
            return cls.from_conf(read, is_cloud)
        except ConfigurationError as error:
            return cls(problem=error)

    @classmethod
    def from_conf(cls, read: StanzaReader, is_cloud: bool) -> JiraAnswers:
        """Raises ConfigurationError naming the field that is malformed."""
        one, form = (
            (f"(?:{ACCOUNT_ID}|{EMAIL})", "an account ID or an email address")
            if is_cloud
            else (USER_NAME, "a user name")
        )
        return cls(
            people=read.items("answerers", LABEL, one + _AS_IN_SPLUNK, f"{form}, with or without =kim"),
            groups=_groups(read),
            statuses=_pairs(read, "answer_statuses", "Statuses that answer", r"[^=,;\r\n]{1,60}"),
            labels=_pairs(read, "answer_labels", "Labels that answer", r"[^\s=,;]{1,255}"),
            excuse_days=read.number("excuse_days", "Days of an excuse", 30, 1, MOST_DAYS),
            webhook_index=_index(read),
        )


def _groups(read: StanzaReader) -> tuple[str, ...]:
    """Separated by commas: a group's name may have blanks."""
    found = tuple(filter(None, (" ".join(name.split()) for name in read.text("answer_groups").split(","))))
    too_long = next((name for name in found if len(name) > LONGEST_GROUP), "")
    if too_long:
        raise read.wrong("Groups that may answer", f"has the entry '{too_long[:60]}', which is too long")
    return found


def _pairs(read: StanzaReader, name: str, label: str, pattern: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in read.text(name).split(","))):
        given, equals, verb = (part.strip() for part in pair.rpartition("="))
        if not equals or verb.lower() not in VERBS or not re.fullmatch(pattern, given):
            raise _wrong(read, label, pair)
        if found.setdefault(" ".join(given.split()).lower(), verb.lower()) != verb.lower():
            raise read.wrong(label, f"names '{given[:60]}' twice")
    return MappingProxyType(found)


def _wrong(read: StanzaReader, label: str, pair: str) -> ConfigurationError:
    choices = ", ".join(VERBS)
    return read.wrong(label, f"has the entry '{pair[:60]}', which is not a pair such as Approved=approve ({choices})")


def _index(read: StanzaReader) -> str:
    """Source: indexes.conf.spec, names of indexes."""
    index = read.text("webhook_index")
    if index and not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,79}", index):
        raise read.wrong("Webhook index", f"is '{index[:60]}', which is not the name of an index")
    return index
