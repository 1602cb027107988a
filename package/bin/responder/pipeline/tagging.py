"""Tags in the forms that AWS's services have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def listed(tags: Mapping[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    return [{key: name, value: text} for name, text in tags.items()]


def mapped(tags: Iterable[Mapping[str, Any]] | None, key: str = "Key", value: str = "Value") -> dict[str, str]:
    return {str(one[key]): str(one.get(value) or "") for one in tags or ()}
