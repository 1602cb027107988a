"""What changed in a resource, as a small diff in place of its state before and its state after."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from .document import shorten

#: Lines of a diff, and characters of a line.
MAX_LINES, MAX_LINE = 24, 400
#: How deep objects are gone into; what is deeper is one value.
_DEPTH = 4


def diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """A line for each value that is gone (``-``) or new (``+``), under its name; empty where nothing differs.

    What ``before`` alone names stays as it is, and is shown for what it says about the change.
    """
    changed = {name: value for name, value in before.items() if name in after}
    beside = {name: value for name, value in before.items() if name not in after and value is not None}
    lines = [shorten(line, MAX_LINE) for line in _of_objects("", changed, after, _DEPTH)]
    if lines:
        lines += [shorten(f"  {name}: {_json(value)}", MAX_LINE) for name, value in sorted(beside.items())]
    left = len(lines) - MAX_LINES
    return "\n".join([*lines[:MAX_LINES], f"… and {left} more lines"] if left > 0 else lines)


def _of_objects(path: str, before: Mapping[str, Any], after: Mapping[str, Any], depth: int) -> Iterator[str]:
    for name in dict.fromkeys((*sorted(map(str, before)), *sorted(map(str, after)))):
        old, new = before.get(name), after.get(name)
        if old != new:
            own = f"{path}.{name}" if path else name
            # Where the parts tell nothing (one more of the same, nothing in place of null), the whole does.
            yield from list(_of_values(own, old, new, depth)) or (f"- {own}: {_json(old)}", f"+ {own}: {_json(new)}")


def _of_values(path: str, old: Any, new: Any, depth: int) -> Iterator[str]:
    if isinstance(old, Mapping) and isinstance(new, Mapping) and depth:
        yield from _of_objects(path, old, new, depth - 1)
    elif isinstance(old, (list, tuple)) and isinstance(new, (list, tuple)):
        yield from (f"- {path}: {_json(one)}" for one in old if one not in new)
        yield from (f"+ {path}: {_json(one)}" for one in new if one not in old)
        if sorted(map(_json, old)) == sorted(map(_json, new)):
            # The same values in another order, which may be all that counts.
            yield from (f"- {path}: {_json(old)}", f"+ {path}: {_json(new)}")
    else:
        yield from (f"{sign} {path}: {_json(value)}" for sign, value in (("-", old), ("+", new)) if value is not None)


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)
