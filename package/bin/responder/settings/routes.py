"""Where findings go: the entries of the lookup ``responder_routes``, which only administrators of the app can write.

An entry says which findings it is about (account, organizational unit, owner, detection, severity; empty is any, ``*``
is a wildcard) and where they go, and who is to see to them. One entry counts for a finding, as a whole: the one with
the lowest ``order``; of these the one that says most exactly which findings it is about; of these the first by its key.

An entry that cannot be read holds up only the findings that it is about.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ..coalescing import Coalescer
from ..errors import ConfigurationError, Curable, ResponderError, Unavailable, one_line
from ..findings.finding import SEVERITIES
from ..remembered import Remembered
from ..splunk.client import Splunkd
from .jira_fields import ISSUE_KEY

LOOKUP = "responder_routes"
#: Seconds for which what was read counts: people edit the lookup by hand.
KEPT = 15.0
#: Which findings an entry is about, and where they go.
MATCHED = ("account", "ou", "owner", "detection", "severity")
#: Entries that count, characters of a value, of one in a line for people, and entries of a list.
MOST, LONGEST, SHOWN, MOST_IN_LIST = 5_000, 1_000, 80, 20
#: A member, a user group (docs.slack.dev, "Formatting message text"), or an address that Slack is asked about.
MENTION = r"[UWS][A-Z0-9]{6,30}|[\w.+'-]{1,64}@[A-Za-z0-9.-]{1,190}"
#: As the Notifiers tab takes it.
NOTIFIER_NAME = r"[A-Za-z][A-Za-z0-9_-]{0,49}"
_FORMS: Mapping[str, tuple[str, str]] = {
    "project": (r"[A-Za-z][A-Za-z0-9_]{1,79}", "the key of a project such as SEC"),
    "parent": (ISSUE_KEY, "the key of a ticket such as SEC-1"),
    "channel": (r"#?[^\s#@<>&,]{1,80}", "a channel such as #security-alerts or C0123456789"),
    "mention": (MENTION, "a user group or member ID such as S0123456789, or an email address"),
    "labels": (r"\S{1,255}", "a label without blanks"),
    "notifier": (NOTIFIER_NAME, "the name of a notifier"),
}
#: Every document, by the one field that is always indexed.
_ANY = {"_key": {"$gt": ""}}


@dataclass(frozen=True)
class Route:
    """Where findings go; empty is what the alert or the settings say."""

    #: Name of a Jira site; empty for the default one.
    site: str = ""
    project: str = ""
    issue_type: str = ""
    #: An email address, a user name (Data Center) or an account id (Cloud).
    assignee: str = ""
    components: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    watchers: tuple[str, ...] = ()
    #: Key of a ticket.
    parent: str = ""
    #: Name of a Slack workspace; empty for the default one.
    workspace: str = ""
    #: Without ``#``.
    channel: str = ""
    #: Who is on call, for people to read.
    on_call: str = ""
    #: Ids of members and user groups, and email addresses.
    mentions: tuple[str, ...] = ()
    #: Name of a notifier; empty for the only one.
    notifier: str = ""


#: Where there is no entry for a finding.
NOWHERE = Route()


@dataclass(frozen=True)
class Entry:
    """One entry of the lookup."""

    key: str
    #: The columns ``MATCHED``, as they were entered.
    matched: tuple[str, ...]
    #: Lower goes first; without one last.
    order: float
    document: Mapping[str, str]

    def is_about(self, subject: Mapping[str, str]) -> bool:
        return all(_matches(pattern, subject.get(name, "")) for name, pattern in zip(MATCHED, self.matched))

    @property
    def rank(self) -> tuple[Any, ...]:
        exact = sum(bool(pattern) and "*" not in pattern for pattern in self.matched)
        wild = sum("*" in pattern and pattern.strip("*") != "" for pattern in self.matched)
        return self.order, -exact, -wild, self.key

    @property
    def name(self) -> str:
        """For people, in one line."""
        said = [f"{name}={value}" for name, value in zip(MATCHED, self.matched) if value]
        return one_line(", ".join(said))[:SHOWN] or f"for everything ({one_line(self.key)[:40]})"

    def problem(self) -> str:
        """What is wrong with which findings it is about: such an entry may be about none."""
        severity = self.matched[MATCHED.index("severity")].lower()
        if severity and "*" not in severity and severity not in SEVERITIES:
            return f"has the severity '{one_line(severity)[:SHOWN]}', which is not one of {', '.join(SEVERITIES)}"
        order = self.document.get("order", "")
        if order and _number(order) is None:
            return f"has the order '{one_line(order)[:SHOWN]}', which is not a number, so it comes last"
        return ""

    def route(self) -> Route:
        """Raises Curable, in one line, for a value that cannot be what its column is for."""
        lists = {name: _list(self.document.get(name, "")) for name in ("labels", "watchers", "mention")}
        components = tuple(_split(self.document.get("component", "")))
        for name, (form, words) in _FORMS.items():
            for value in lists.get(name, (self.document.get(name, ""),)):
                if value and not re.fullmatch(form, value):
                    raise self._wrong(f"has the {name} '{one_line(value)[:SHOWN]}', which is not {words}")
        for name, value in self.document.items():
            if len(value) > LONGEST:
                raise self._wrong(f"has a value of more than {LONGEST} characters in the column {name}")
        if max(map(len, (*lists.values(), components))) > MOST_IN_LIST:
            raise self._wrong(f"has a list of more than {MOST_IN_LIST} entries")
        text = {field.name: self.document.get(field.name, "") for field in fields(Route) if field.type == "str"}
        return Route(
            **{**text, "channel": text["channel"].lstrip("#"), "parent": text["parent"].upper()},
            components=components,
            labels=lists["labels"],
            watchers=lists["watchers"],
            mentions=lists["mention"],
        )

    def _wrong(self, problem: str) -> Curable:
        return Curable(
            f"The entry '{self.name}' of the lookup {LOOKUP} {problem}.", "Correct it on the page Lists (Routes)."
        )


def parse(document: Mapping[str, Any]) -> Entry:
    """Whatever is wrong with an entry is told by it."""
    text = {name: str(value).strip() for name, value in document.items() if value is not None}
    order = _number(text.get("order", ""))
    return Entry(
        text.get("_key", ""),
        tuple(text.get(name, "")[:LONGEST] for name in MATCHED),
        float("inf") if order is None else order,
        {name: value for name, value in text.items() if not name.startswith("_")},
    )


def chosen(entries: Iterable[Entry], subject: Mapping[str, str]) -> Entry | None:
    """The entry that counts for a finding; ``subject``: its values for ``MATCHED``."""
    return min((entry for entry in entries if entry.is_about(subject)), key=lambda entry: entry.rank, default=None)


_known: Remembered[tuple[Entry, ...]] = Remembered(KEPT)


def read(splunkd: Splunkd) -> tuple[Entry, ...]:
    """The entries, at most ``KEPT`` seconds old. Raises what ``Splunkd.find`` raises: nobody knows then where to."""
    found = _known.get(splunkd.uri)
    return _together.ask(splunkd) if found is None else found


def _read(asked: Sequence[Splunkd]) -> Sequence[tuple[Entry, ...] | Exception]:
    """Once for all threads that ask meanwhile."""
    found: dict[str, tuple[Entry, ...] | Exception] = {}
    for splunkd in asked:
        if splunkd.uri not in found:
            known = _known.get(splunkd.uri)
            found[splunkd.uri] = _entries(splunkd) if known is None else known
    return [found[splunkd.uri] for splunkd in asked]


def _entries(splunkd: Splunkd) -> tuple[Entry, ...] | Exception:
    try:
        entries = tuple(parse(document) for document in splunkd.find(LOOKUP, _ANY, limit=MOST))
    except ConfigurationError as error:
        # Nobody but splunkd can cure that: the files of an update are there, and it has not read them yet.
        return Unavailable(error.message, "It is tried again; restart Splunk after an update of the app.")
    except ResponderError as error:
        return error
    _known.put(splunkd.uri, entries)
    return entries


_together: Coalescer[Splunkd, tuple[Entry, ...]] = Coalescer(_read)


def digest(splunkd: Splunkd) -> str:
    """16 hex digits that change whenever an entry does; empty where there is none. Raises as ``read``."""
    entries = sorted((entry.key, sorted(entry.document.items())) for entry in read(splunkd))
    return hashlib.sha256(json.dumps(entries).encode()).hexdigest()[:16] if entries else ""


def _matches(pattern: str, value: str) -> bool:
    """In any case; ``*`` stands for any characters, and an empty pattern for anything."""
    if not pattern:
        return True
    if "*" not in pattern:
        # So are most of thousands of entries, and each pattern would be compiled anew.
        return pattern.casefold() == value.casefold()
    pieces = (re.escape(piece) for piece in re.split(r"\*+", pattern.casefold()))
    return re.fullmatch(".*".join(pieces), value.casefold(), re.DOTALL) is not None


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?[0-9]{1,9}(?:\.[0-9]{1,6})?", text, re.ASCII) else None


def _split(text: str) -> Sequence[str]:
    return [part.strip() for part in re.split(r"[,;\n]+", text) if part.strip()]


def _list(text: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[,;\s]+", text) if part)
