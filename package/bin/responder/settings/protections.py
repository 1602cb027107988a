"""What must not be changed: the entries of the lookup ``responder_protected``, beside the lists of the Safety tab.

Each has a reason, an owner and an expiry. An entry that has expired protects nothing. What cannot be read fails closed:
an entry whose expiry is no number protects without end, and one that does not say what it protects stops every change
until it is corrected. Only administrators of the app can write the lookup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ConfigurationError, one_line
from ..remembered import Remembered
from ..splunk.client import Splunkd

LOOKUP = "responder_protected"
ACCOUNT, PRINCIPAL, RESOURCE, TAG = KINDS = ("account", "principal", "resource", "tag")
#: Seconds for which what was read counts for a plan that is only shown.
KEPT = 15.0
#: Characters of a pattern, and of a text in a line for people.
LONGEST, SHOWN = 2048, 120
#: What no id, name, ARN or tag is made of that people protect: rather another language's wildcard, or a slip.
#: Source: AWS Tagging best practices, "Allowed characters"; IAM User Guide, "IAM and AWS STS quotas".
_PATTERN = re.compile(r"[\w+=,.@:/*#$()!' -]+")
_ACCOUNT = re.compile(r"[0-9]{12}|(?=.*\*)[0-9*]{1,12}", re.ASCII)
#: Every document, by the one field that is always indexed.
_ANY = {"_key": {"$gt": ""}}
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]*)?", re.ASCII)


@dataclass(frozen=True)
class Protection:
    """One entry."""

    #: ``account``, ``principal``, ``resource`` or ``tag``.
    kind: str
    #: What it matches; ``*`` is the only wildcard.
    pattern: str
    reason: str = ""
    owner: str = ""
    #: Epoch seconds; 0 for never.
    expires: float = 0.0
    #: ``_key`` of its document.
    key: str = ""
    #: What is wrong with it although it protects: for whoever keeps the list.
    problem: str = ""

    def has_expired(self, now: float) -> bool:
        return 0 < self.expires <= now

    @property
    def name(self) -> str:
        """For people, in one line."""
        return f"{self.kind} '{one_line(self.pattern)[:SHOWN]}'"

    @property
    def why(self) -> str:
        """Whose entry it is and for what reason, as far as it says so."""
        said = [f"reason: {one_line(self.reason)[:SHOWN]}"] if self.reason else []
        said += [f"owner: {one_line(self.owner)[:SHOWN]}"] if self.owner else []
        return "; ".join(said)


def parse(document: Mapping[str, Any]) -> Protection:
    """An entry. Raises ConfigurationError, in one line, where it does not say what it protects."""
    kind, pattern = _text(document, "kind").lower(), _text(document, "pattern")
    problem = _problem(kind, pattern)
    if problem:
        named = one_line(pattern)[:SHOWN] or str(document.get("_key"))[:SHOWN]
        raise ConfigurationError(
            f"Entry '{named}' of the lookup {LOOKUP} {problem}; until it is corrected nothing is changed in AWS.",
            "Correct or delete it on the page Lists.",
        )
    expires, unread = _expiry(document.get("expires"))
    return Protection(
        kind, pattern, _text(document, "reason"), _text(document, "owner"), expires, str(document.get("_key")), unread
    )


def parse_all(documents: Iterable[Mapping[str, Any]]) -> tuple[list[Protection], list[ConfigurationError]]:
    """The entries, and what is wrong with those that cannot be read."""
    found: list[Protection] = []
    wrong: list[ConfigurationError] = []
    for document in documents:
        try:
            found.append(parse(document))
        except ConfigurationError as error:
            wrong.append(error)
    return found, wrong


def entries(splunkd: Splunkd) -> list[Mapping[str, Any]]:
    """The documents of the lookup. Raises what ``Splunkd.find`` raises: nobody can say then what is protected."""
    return list(splunkd.find(LOOKUP, _ANY))


_known: Remembered[tuple[Protection, ...]] = Remembered(KEPT)


def read(splunkd: Splunkd) -> tuple[Protection, ...]:
    """The entries that count now. Raises ConfigurationError where one cannot be read, and what ``find`` raises."""
    found, wrong = parse_all(entries(splunkd))
    if wrong:
        more = f" So can {len(wrong) - 1} more not be read." if len(wrong) > 1 else ""
        raise ConfigurationError(f"{wrong[0].message}{more}", wrong[0].hint)
    now = splunkd.now()
    counting = tuple(entry for entry in found if not entry.has_expired(now))
    _known.put((splunkd.uri, splunkd.session_key), counting)
    return counting


def known(splunkd: Splunkd) -> tuple[Protection, ...] | None:
    """What was read a few seconds ago, for a plan that is only shown; None where nothing was."""
    return _known.get((splunkd.uri, splunkd.session_key))


def _text(document: Mapping[str, Any], field: str) -> str:
    value = document.get(field)
    return str(value).strip() if value is not None else ""


def _problem(kind: str, pattern: str) -> str:
    if kind not in KINDS:
        return f"has the kind '{one_line(kind)[:40]}', which is not one of {', '.join(KINDS)}"
    if not pattern:
        return "has no pattern"
    if len(pattern) > LONGEST or not _PATTERN.fullmatch(pattern):
        return "has a pattern with characters that nothing is named with; * is the only wildcard"
    if kind == ACCOUNT and not _ACCOUNT.fullmatch(pattern):
        return "has a pattern that is no account ID of 12 digits"
    if pattern.lower().startswith("arn:") and "*" not in pattern and pattern.count(":") < 5:
        return "has a pattern that begins as an ARN and is none"
    return ""


def _expiry(value: Any) -> tuple[float, str]:
    """Epoch seconds, 0 for never; and what is wrong where it cannot be read, which is never, too."""
    text = "" if value is None else str(value).strip()
    if not text:
        return 0.0, ""
    if not _NUMBER.fullmatch(text):
        return 0.0, f"its expiry '{one_line(text)[:40]}' is not a time in epoch seconds, so it protects without end"
    return float(text), ""
