"""Field types of a KV store collection (collections.conf ``field.<name>``, ``enforceTypes``)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from .confs import parse_bool
from .errors import ApiError


class _Bad(ValueError):
    """The value is not of the type."""


def _number(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            raise _Bad from None
        if not math.isfinite(number):
            raise _Bad
        return int(number) if number.is_integer() and "." not in value and "e" not in value.lower() else number
    raise _Bad


def _bool(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    booleans = {"true": True, "1": True, "t": True, "false": False, "0": False, "f": False}
    text = str(value).lower() if isinstance(value, (str, int)) else ""
    if text not in booleans:
        raise _Bad
    return booleans[text]


def _string(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    raise _Bad


def _time(value: Any) -> Any:
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            return _number(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    return _number(value)


_READERS: dict[str, Callable[[Any], Any]] = {
    "number": _number,
    "bool": _bool,
    "string": _string,
    "time": _time,
    "cidr": _string,
    "array": lambda value: value,
}


def typed(document: dict[str, Any], stanza: Mapping[str, str]) -> dict[str, Any]:
    """The document with its values made to fit. One that does not is a 400 with ``enforceTypes``, else dropped."""
    enforce = parse_bool(stanza.get("enforceTypes"))
    result = {}
    for name, value in document.items():
        kind = stanza.get(f"field.{name}", "")
        if kind and kind not in _READERS:
            raise ApiError(400, f"collections.conf: field.{name} has the unknown type '{kind}'.")
        if not kind or value is None:
            result[name] = value
            continue
        try:
            result[name] = _READERS[kind](value)
        except _Bad:
            if enforce:
                raise ApiError(400, f"Field '{name}' has an invalid type: {kind} is expected.") from None
    return result
