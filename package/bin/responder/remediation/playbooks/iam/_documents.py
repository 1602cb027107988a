"""Policy documents: read from whatever form they come in, compared by what they mean, shown a line a statement.

Facts: IAM User Guide, "IAM JSON policy elements reference" (one value or a list, an account id for its root ARN,
``Version`` 2008-10-17 where it is missing); documents come URL-encoded from the API, and as text in CloudTrail.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from ....errors import InvalidFinding
from ....json_limits import bounded_json
from ....policy_documents import living

OLD_VERSION, VERSION = "2008-10-17", "2012-10-17"
_ROOT = re.compile(r"arn:[^:]*:iam::(\d{12}):root")

Document = dict[str, Any]


def parse(given: Any) -> Document | None:
    """None where it is no policy document."""
    if isinstance(given, str):
        text = unquote(given) if given.lstrip()[:1] == "%" else given
        try:
            given = bounded_json(text)
        except ValueError:
            return None
    if not isinstance(given, Mapping) or not statements(given):
        return None
    return dict(given)


def statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = document.get("Statement")
    listed = found if isinstance(found, list) else [found]
    return [statement for statement in listed if isinstance(statement, Mapping)]


def text(document: Mapping[str, Any]) -> str:
    """For a call. Short: IAM counts the characters."""
    return json.dumps(document, separators=(",", ":"))


def lines(given: Any) -> list[str]:
    """A document as a person reads it, and so that two are equal if they mean the same.

    Without users and roles that were deleted, whom no document can name that is written anew.
    """
    document = parse(given)
    if document is None:
        return [str(given)[:2000]]
    version, found = str(document.get("Version") or OLD_VERSION), living(statements(document))
    return [*sorted({line(s) for s in found}), *([] if version == VERSION else [f"Version {version}"])]


def line(statement: Mapping[str, Any]) -> str:
    """As in ``Allow sts:AssumeRole to AWS 111122223333 if {"Bool": ...}``."""
    parts = [str(statement.get("Effect") or "?")]
    for element, word in (
        ("Action", ""),
        ("NotAction", "all but "),
        ("Resource", "on "),
        ("NotResource", "on all but "),
        ("Principal", "to "),
        ("NotPrincipal", "to all but "),
    ):
        if element in statement:
            parts.append(word + ", ".join(_values(statement[element])))
    if statement.get("Condition"):
        parts.append(f"if {json.dumps(_plain(statement['Condition']), sort_keys=True)}")
    return " ".join(parts)


def _values(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        named = ((kind, one) for kind, inner in value.items() for one in _values(inner))
        return sorted("*" if (kind, one) == ("AWS", "*") else f"{kind} {one}" for kind, one in named)
    listed = value if isinstance(value, list) else [value]
    return sorted({_ROOT.sub(r"\1", str(one)) for one in listed})


def _plain(condition: Any) -> Any:
    if isinstance(condition, Mapping):
        return {str(key): _plain(value) for key, value in condition.items()}
    return sorted(map(_word, condition)) if isinstance(condition, list) else [_word(condition)]


def _word(value: Any) -> str:
    """``true`` and ``"true"`` are the same condition, and AWS gives the one back for the other."""
    return json.dumps(value) if isinstance(value, bool) else str(value)


def is_left_of(now: Mapping[str, Any], written: Mapping[str, Any]) -> bool:
    """Whether a statement is what is left of one that was written: some whom it named were deleted or taken out."""
    bare = ({**one, "Principal": []} for one in (now, written))
    return principals(now) <= principals(written) and len({line(one) for one in bare}) == 1


def principals(statement: Mapping[str, Any]) -> set[str]:
    """As in ``*``, ``AWS 111122223333``, ``Federated accounts.google.com``."""
    return set(_values(statement.get("Principal", [])))


def denies(document: Mapping[str, Any]) -> bool:
    return any(str(statement.get("Effect")) == "Deny" for statement in statements(document))


def only_denies(document: Mapping[str, Any]) -> bool:
    """Whether it grants nothing: to take it away would set somebody free of it."""
    return all(str(statement.get("Effect")) == "Deny" for statement in statements(document))


def given_statements(items: Any) -> list[Mapping[str, Any]]:
    """The statements that a finding names, JSON objects or their text. Raises InvalidFinding where one is cut off."""
    listed = items if isinstance(items, (list, tuple)) else [items] if items else []
    found = []
    for item in listed:
        if isinstance(item, str):
            try:
                item = bounded_json(item)
            except ValueError:
                item = None
        if not isinstance(item, Mapping) or "Truncated" in item or "Effect" not in item:
            raise InvalidFinding(
                "A statement that the finding names is cut off or is none.",
                "Take it out of the policy by hand: it is too long for the finding.",
            )
        found.append(item)
    return found


def joined(kept: Sequence[Mapping[str, Any]], document: Mapping[str, Any]) -> Document:
    """The document with these statements only."""
    return {**document, "Statement": [dict(statement) for statement in kept]}


def lines_of(found: Iterable[Mapping[str, Any]]) -> list[str]:
    return [line(statement) for statement in found]
