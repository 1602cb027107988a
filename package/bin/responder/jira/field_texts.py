"""Values of fields that take a text of some form, by the types of the create metadata.

Source: developer.atlassian.com, "Create issue" and "Jira field types" (what each type takes). A sprint is a list of
objects by its schema, and a number to whoever sets it; a team is its ID.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Callable

from ..documents.document import headline, safe_href, utf16_length
from ..findings.moments import epoch_of
from ..http_failures import quote_text
from ..settings.jira_fields import ISSUE_KEY
from .metadata import Field

#: Characters of a single-line text and of a label that Jira takes.
MAX_LINE, MAX_LABEL = 255, 255
#: What Data Center has in place of ``parent``.
EPIC_LINK = "com.pyxis.greenhopper.jira:gh-epic-link"
_SPENT = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,2})?[wdhm](?: [0-9]{1,4}(?:\.[0-9]{1,2})?[wdhm]){0,3}", re.ASCII)
_TEAM = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?:-[0-9]{1,6})?", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,10})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Unfit(Exception):
    """A value that its field does not take: what is wrong with it, as the end of a sentence."""


def custom(one: Field) -> str:
    """What a custom field is called by whoever has made its type; empty for Jira's own."""
    schema = one.get("schema")
    return str(schema.get("custom") or "") if isinstance(schema, dict) else ""


def label(text: str) -> str:
    return headline(text, MAX_LABEL)


def _line(there: Field, text: str) -> str:
    if custom(there).endswith(":url"):
        address = safe_href(text)
        if not address or utf16_length(address) > MAX_LINE:
            raise Unfit(f"takes web addresses only, and not '{quote_text(text)[:80]}'")
        return address
    return headline(text, MAX_LINE)


def _number(_there: Field, text: str) -> float | int:
    if not _NUMBER.fullmatch(text):
        raise Unfit(f"takes numbers only, and not '{quote_text(text)[:80]}'")
    return float(text) if "." in text else int(text)


def _moment(text: str) -> datetime:
    at = epoch_of(f"{text} 00:00:00" if _DAY.fullmatch(text) else text)
    if not at:
        raise Unfit(f"takes dates such as 2026-01-31, and not '{quote_text(text)[:80]}'")
    return datetime.fromtimestamp(at, timezone.utc)


def _date(_there: Field, text: str) -> str:
    return _moment(text).strftime("%Y-%m-%d")


def _datetime(_there: Field, text: str) -> str:
    return _moment(text).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def sprint(_there: Field, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        raise Unfit(f"takes the ID of a sprint only, which is a number, and not '{quote_text(text)[:80]}'")
    return int(text)


def _team(_there: Field, text: str) -> str:
    if not _TEAM.fullmatch(text):
        raise Unfit(f"takes the ID of a team only, as in the address of its page, and not '{quote_text(text)[:80]}'")
    return text


def _estimate(_there: Field, text: str) -> dict[str, str]:
    if not _SPENT.fullmatch(text):
        raise Unfit(f"takes times such as 4h or 1d 2h only, and not '{quote_text(text)[:80]}'")
    return {"originalEstimate": text}


def _issue(_there: Field, text: str) -> dict[str, str]:
    return {"key": _key(_there, text)}


def _key(_there: Field, text: str) -> str:
    if not re.fullmatch(ISSUE_KEY, text):
        raise Unfit(f"takes keys such as SEC-1 only, and not '{quote_text(text)[:80]}'")
    return text.upper()


def _any(there: Field, text: str) -> str:
    """Of no type that Jira tells: what is known of apps' fields goes by their own names."""
    if custom(there) == EPIC_LINK:
        return _key(there, text)
    raise Unfit("is of a type that Jira does not name, so the app cannot fill it")


#: By type; each raises Unfit.
PLAIN: Mapping[str, Callable[[Field, str], Any]] = {
    "string": _line,
    "number": _number,
    "date": _date,
    "datetime": _datetime,
    "issuelink": _issue,
    "team": _team,
    "timetracking": _estimate,
    "any": _any,
}
