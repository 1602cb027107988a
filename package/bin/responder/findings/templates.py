"""Texts with fields in them: ``{sourceIPAddress}`` is the field of the row, or of the finding.

Not ``$result.field$``: splunkd fills that in before it starts the action, and with the first row's values, whichever
row a ticket is about (Splunk, "Use tokens in email notifications"). Where splunkd has left one, it is filled in here.
There is no more to it: no expressions, no loops, and what a value contains is not looked at again.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Callable

from ..errors import one_line
from .finding import FIELDS, Finding
from .merging import named

#: Characters of a value, and of the whole text.
MAX_VALUE, MAX_FILLED = 500, 8_000
_NAME = r"[A-Za-z_](?:[\w .:@/()-]|\{\})*"
_TOKEN = re.compile(rf"\{{({_NAME})\}}|\$result\.({_NAME})\$")
_NOTABLE = re.compile(rf"\$({_NAME})\$")


def filled(template: str, finding: Finding) -> str:
    """The text with a finding's fields. A field that is not there says so: a gap would not be noticed."""
    return _TOKEN.sub(lambda match: _value(match[1] or match[2], finding, match[0]), template)[:MAX_FILLED]


def filled_title(template: str, value_of: Callable[[str], str]) -> str:
    """A notable's title, in which ``$field$`` may stand as its author wrote it."""
    return _NOTABLE.sub(lambda match: value_of(match[1])[:MAX_VALUE] or match[0], template)[:MAX_FILLED]


def _value(name: str, finding: Finding, as_written: str) -> str:
    # The alert's own cells first: who writes {user} means the column of that name.
    value = finding.row.get(name) or named(row.get(name, "") for row in finding.rows)
    if not value and name in FIELDS:
        value = _text(name, getattr(finding, name))
    if value:
        return one_line(value[: 2 * MAX_VALUE])[:MAX_VALUE]
    return as_written if " " in name else f"(no {name})"


def _text(name: str, value: object) -> str:
    if not value or isinstance(value, dict):
        return ""
    if name in ("first_time", "last_time") and isinstance(value, float):
        return datetime.fromtimestamp(value, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
