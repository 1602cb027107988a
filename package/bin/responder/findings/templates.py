"""Texts with fields in them: ``{sourceIPAddress}`` is the field of the row, or of the finding.

``{account.owner}`` is what the lookup ``responder_accounts`` knows of the finding's account.

Not ``$result.field$``: splunkd fills that in before it starts the action, and with the first row's values, whichever
row a ticket is about (Splunk, "Use tokens in email notifications"). Where splunkd has left one, it is filled in here.
There is no more to it: no expressions, no loops, and what a value contains is not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Callable

from ..errors import one_line
from . import sources
from .finding import FIELDS, Finding
from .merging import named

#: Characters of a value, and of the whole text.
MAX_VALUE, MAX_FILLED = 500, 8_000
_NAME = r"[A-Za-z_](?:[\w .:@/()-]|\{\})*"
_TOKEN = re.compile(rf"\{{({_NAME})\}}|\$result\.({_NAME})\$")
_NOTABLE = re.compile(rf"\$({_NAME})\$")


_ACCOUNT = "account."
_NOTHING: Mapping[str, str] = {}


def filled(template: str, finding: Finding, account: Mapping[str, str] = _NOTHING) -> str:
    """The text with a finding's fields. A field that is not there says so: a gap would not be noticed.

    ``account``: what is known of the finding's account.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return _value(name, finding, account) or (match[0] if " " in name else f"(no {name})")

    return _TOKEN.sub(value, template)[:MAX_FILLED]


def filled_exactly(template: str, finding: Finding, account: Mapping[str, str] = _NOTHING) -> str:
    """As ``filled``, for programs: nothing stands where a field is not there.

    CloudTrail's own names also find the field of a finding that has no row of its own: ``userIdentity.accessKeyId`` is
    its ``access_key_id``.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return _value(name, finding, account) or _value(_FIELD_OF.get(name, ""), finding, account)

    return _TOKEN.sub(value, template)[:MAX_FILLED]


#: CloudTrail's and other names of a finding's fields.
_FIELD_OF: Mapping[str, str] = {
    name: field
    for field, names in {**sources.SOURCES, "user": sources.USER, "event_ids": sources.EVENT_IDS}.items()
    for name in names
}


def has_fields(template: str) -> bool:
    """Whether a field stands in the text: a finding has a part in what comes of it, whatever that looks like."""
    return _TOKEN.search(template) is not None


def is_filled(template: str, finding: Finding, account: Mapping[str, str] = _NOTHING) -> bool:
    """Whether there is anything in the text but fields that are not there."""
    names = [match[1] or match[2] for match in _TOKEN.finditer(template)]
    return not names or any(_value(name, finding, account) for name in names)


def filled_title(template: str, value_of: Callable[[str], str]) -> str:
    """A notable's title, in which ``$field$`` may stand as its author wrote it."""
    return _NOTABLE.sub(lambda match: value_of(match[1])[:MAX_VALUE] or match[0], template)[:MAX_FILLED]


def _value(name: str, finding: Finding, account: Mapping[str, str]) -> str:
    value = account.get(name[len(_ACCOUNT) :], "") if name.startswith(_ACCOUNT) else ""
    # The alert's own cells first: who writes {user} means the column of that name.
    value = value or finding.row.get(name) or named(row.get(name, "") for row in finding.rows)
    if not value and name in FIELDS:
        value = _text(name, getattr(finding, name))
    return one_line(value[: 2 * MAX_VALUE])[:MAX_VALUE] if value else ""


def _text(name: str, value: object) -> str:
    if not value or isinstance(value, dict):
        return ""
    if name in ("first_time", "last_time") and isinstance(value, float):
        return datetime.fromtimestamp(value, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
