"""What tickets of a Jira site have beside their text: fields of its tab, as they were entered.

Names are the site's own, so only Jira knows what they stand for; ``jira/fields.py`` asks it. A value and a template may
hold fields of the finding, as ``findings/templates.py`` fills them in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..findings.finding import SEVERITIES
from .parsing import StanzaReader

#: Lines of ``Other fields``, and characters of a name and of a value.
MOST_FIELDS, LONGEST_NAME, LONGEST_VALUE = 50, 255, 2_000
#: Days until a ticket is due, at most.
MOST_DAYS = 3650
#: Fields that the app fills by itself, by id and by the name that Jira gives them in English.
OWN = ("project", "issuetype", "issue type", "summary", "description")
#: Source: Atlassian, "Changing the project key format".
ISSUE_KEY = r"[A-Za-z][A-Za-z0-9_]{0,79}-[1-9][0-9]{0,17}"

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class JiraFields:
    """Empty where nothing was entered: then a ticket has what its project gives it."""

    #: Severity and name of a priority.
    priorities: Pairs = ()
    #: Severity and days from the finding on.
    due_days: tuple[tuple[str, int], ...] = ()
    #: Name or id of a level of the project's security scheme.
    security_level: str = ""
    #: Key of the epic or other ticket that tickets belong under.
    parent: str = ""
    #: Name or id of a field, and its value.
    others: Pairs = ()
    #: Templates for alerts that bring no title and text of their own.
    title: str = ""
    text: str = ""

    def priority(self, severity: str) -> str:
        return dict(self.priorities).get(severity, "")

    def days(self, severity: str) -> int | None:
        return dict(self.due_days).get(severity)

    @classmethod
    def from_conf(cls, read: StanzaReader) -> JiraFields:
        """Raises ConfigurationError naming the field that cannot be read."""
        parent = read.text("parent")
        if parent and not re.fullmatch(ISSUE_KEY, parent):
            raise read.wrong("Parent", f"is '{parent[:60]}', which is not the key of a ticket such as SEC-1")
        days = _by_severity(read, "due_days_by_severity", "Due date by severity", "critical=1")
        for severity, number in days:
            if not re.fullmatch(r"[0-9]{1,4}", number) or int(number) > MOST_DAYS:
                problem = f"gives {severity} '{number[:20]}', which is not a number of days from 0 to {MOST_DAYS}"
                raise read.wrong("Due date by severity", problem)
        return cls(
            priorities=_by_severity(read, "priority_by_severity", "Priority by severity", "critical=Highest"),
            due_days=tuple((severity, int(number)) for severity, number in days),
            security_level=read.text("security_level"),
            parent=parent.upper(),
            others=named_values(read, "fields", "Other fields"),
            title=read.text("ticket_title"),
            text=read.text("ticket_text"),
        )


def _by_severity(read: StanzaReader, field: str, label: str, form: str) -> Pairs:
    """Pairs of a severity and a value, which may have blanks in it: separated by commas, semicolons or line breaks."""
    found: dict[str, str] = {}
    text = read.text(field)
    for entry in filter(None, (part.strip() for part in re.split(r"[,;\n]+", text))):
        severity, sign, value = (part.strip() for part in entry.partition("="))
        severity = severity.lower()
        if severity not in SEVERITIES or not sign or not value or len(value) > LONGEST_NAME:
            severities = ", ".join(reversed(SEVERITIES))
            problem = f"has the entry '{entry[:60]}', which is not one such as {form} (severities: {severities})"
            raise read.wrong(label, problem)
        if found.setdefault(severity, value) != value:
            raise read.wrong(label, f"names {severity} twice")
    if text and not found:
        raise read.wrong(label, f"is '{text[:60]}', which has no entry")
    return tuple(found.items())


def named_values(read: StanzaReader, field: str, label: str) -> Pairs:
    """Name or id of a field of a ticket and its value, one a line. Raises ConfigurationError."""
    found = dict[str, str]()
    for line in filter(None, (line.strip() for line in read.text(field).splitlines())):
        name, sign, value = (part.strip() for part in line.partition("="))
        if not sign or not name or not value or len(name) > LONGEST_NAME or len(value) > LONGEST_VALUE:
            raise read.wrong(label, f"has the line '{line[:60]}', which is not one such as Team = Cloud security")
        if name.lower() in OWN:
            raise read.wrong(label, f"names '{name}', which the app fills by itself")
        if name.lower() in (known.lower() for known in found):
            raise read.wrong(label, f"names '{name[:60]}' twice")
        found[name] = value
    if len(found) > MOST_FIELDS:
        raise read.wrong(label, f"has {len(found)} lines, which is more than {MOST_FIELDS}")
    return tuple(found.items())
