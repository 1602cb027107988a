"""A CloudTrail record as a ticket shows it: what says most, shortened, without what could be a secret.

CloudTrail hides most secrets itself. What a record has all the same, as a session's token or a password among the
environment variables of a task, is in the index and in the attached file, and need not stand in a ticket's text, which
goes out by mail.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .document import Block, Code, Paragraph, plain, shorten

#: Characters and lines of a record; characters of a text in it, items of a list, fields of an object, levels of either.
LONGEST, LINES = 3_000, 60
TEXT, ITEMS, FIELDS, LEVELS = 200, 5, 30, 6
HIDDEN = "(hidden)"
#: What people look for comes first.
_FIRST = (
    "eventTime", "eventName", "eventSource", "awsRegion", "recipientAccountId", "sourceIPAddress", "userAgent",
    "errorCode", "errorMessage", "requestParameters", "responseElements", "userIdentity", "resources",
)  # fmt: skip
#: What says least of an event is in the file.
_DULL = frozenset(
    (
        "apiVersion", "eventCategory", "eventType", "eventVersion", "managementEvent", "readOnly", "requestID",
        "sharedEventID", "tlsDetails", "sessionCredentialFromConsole",
    )
)  # fmt: skip
#: Names of fields, parameters and variables whose values are shown to nobody: all that end like these.
_SECRET = re.compile(
    r"(?:password|passwd|passphrase|secret|token|credential|authorization|api[_-]?key|key[_-]?material"
    r"|private[_-]?key(?:[_-]?plaintext)?|secret[_-]?(?:access[_-]?key|key|string|binary|value)|connection[_-]?string)s?\Z",
    re.IGNORECASE,
)
#: Characters of the longest of them, and some more.
LONGEST_NAME = 40
#: Of an object that names something and says its value: an environment variable, a parameter, a tag.
_NAMES, _VALUES = frozenset(("name", "key", "parameterkey", "parametername")), frozenset(("value", "parametervalue"))


def shown(records: Sequence[Mapping[str, Any]]) -> list[Block]:
    """The first of a finding's records, as lines of JSON; nothing where there are none."""
    if not records:
        return []
    said = "The first CloudTrail record" if len(records) > 1 else "The CloudTrail record"
    return [Paragraph((plain(f"{said}, shortened. The attached JSON file has it whole:"),)), Code(_text(records[0]))]


def _text(record: Mapping[str, Any]) -> str:
    names = [*_FIRST, *(name for name in record if name not in _FIRST and name not in _DULL)]
    picked = {name: record[name] for name in names if record.get(name) not in (None, "", [], {})}
    lines = json.dumps(_short(picked, LEVELS), indent=1, ensure_ascii=False, default=str).split("\n")
    kept, room = list[str](), LONGEST
    for line in lines[:LINES]:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join(kept if len(kept) == len(lines) else [*kept, "…"])


def _short(value: Any, levels: int) -> Any:
    if isinstance(value, str):
        return shorten(value, TEXT)
    if isinstance(value, Mapping):
        return _fields(value, levels) if levels else "…"
    if isinstance(value, list):
        more = [f"… and {len(value) - ITEMS} more"] if len(value) > ITEMS else []
        return [*(_short(one, levels - 1) for one in value[:ITEMS]), *more] if levels else "…"
    return value


def _fields(value: Mapping[str, Any], levels: int) -> dict[str, Any]:
    names_one = any(name.lower() in _NAMES and _is_secret(str(said)) for name, said in value.items())

    def is_hidden(name: str, said: Any) -> bool:
        is_named = _is_secret(name) or (names_one and name.lower() in _VALUES)
        return is_named and any(map(_is_single, said if isinstance(said, list) else [said]))

    found = {
        shorten(name, TEXT): HIDDEN if is_hidden(name, said) else _short(said, levels - 1)
        for name, said in list(value.items())[:FIELDS]
    }
    return {**found, "…": f"and {len(value) - FIELDS} more"} if len(value) > FIELDS else found


def _is_single(said: Any) -> bool:
    return isinstance(said, (str, int, float)) and not isinstance(said, bool)


def _is_secret(name: str) -> bool:
    return _SECRET.search(name[-LONGEST_NAME:]) is not None
