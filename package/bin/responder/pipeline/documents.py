"""IAM policy documents: those of a pipeline, and what others hold compared by meaning.

A policy that others may have added to is never replaced: statements of ours are known by their ``Sid``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

Document = dict[str, Any]
VERSION = "2012-10-17"


def document(*statements: Document) -> Document:
    return {"Version": VERSION, "Statement": list(statements)}


def read(text: Any) -> Document:
    """A document as AWS gives it, text or parsed; empty for none and for what is no document."""
    if isinstance(text, str):
        try:
            text = json.loads(text)
        except ValueError:
            return {}
    return dict(text) if isinstance(text, Mapping) else {}


def statements(policy: Mapping[str, Any]) -> list[Document]:
    found = policy.get("Statement") or []
    return [dict(one) for one in (found if isinstance(found, list) else [found]) if isinstance(one, Mapping)]


def holds(now: Any, wanted: Mapping[str, Any]) -> bool:
    """Whether every statement that is wanted stands in a policy, by what it means and whatever it is called."""
    return not lacking(now, wanted)


def lacking(now: Any, wanted: Mapping[str, Any]) -> list[Document]:
    """The statements that are wanted and that a policy does not have."""
    there = {meaning(one) for one in statements(read(now))}
    return [one for one in statements(wanted) if meaning(one) not in there]


def has_any(now: Any, wanted: Mapping[str, Any]) -> bool:
    """Whether a policy has statements by the names of ours."""
    return bool(_sids(read(now)) & _sids(wanted))


def merged(now: Any, wanted: Mapping[str, Any]) -> Document:
    """The policy with ours in it, and everything else in it as it was."""
    kept = without(now, wanted)
    others = statements(kept)
    return {**kept, "Version": kept.get("Version") or VERSION, "Statement": [*others, *statements(wanted)]}


def without(now: Any, wanted: Mapping[str, Any]) -> Document:
    """The policy without the statements of ours; no ``Statement`` is left where nothing else was in it."""
    policy, ours = read(now), _sids(wanted)
    others = [one for one in statements(policy) if str(one.get("Sid")) not in ours]
    return {**policy, "Statement": others} if others else {}


def _sids(policy: Mapping[str, Any]) -> set[str]:
    return {str(one["Sid"]) for one in statements(policy) if one.get("Sid")}


def meaning(statement: Mapping[str, Any]) -> str:
    """The same for two statements that do the same: a list of one is its member, order and ``Sid`` say nothing."""
    plain = {name: _plain(name, value) for name, value in statement.items() if name != "Sid"}
    return json.dumps(plain, sort_keys=True)


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(key, one) for key, one in value.items()}
    if name == "Effect":
        return value
    listed: Sequence[Any] = value if isinstance(value, list) else [value]
    return sorted(_principal(name, _text(one)) for one in listed)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _principal(name: str, text: str) -> str:
    """AWS writes an account as its root user."""
    is_root = name == "AWS" and text.startswith("arn:") and text.endswith(":root")
    return text.split(":")[4] if is_root else text
