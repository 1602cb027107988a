"""Which value is the greatest of its group, while values come and change."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
#: Compared in this order; the last part makes it unique, so that nothing depends on who came first.
Value = tuple[float, float]


class Greatest(Generic[K]):
    """Values by key, in groups. Asking and adding cost nothing; only when the greatest sinks is it sought anew."""

    def __init__(self) -> None:
        self._groups: dict[Hashable, dict[K, Value]] = {}
        self._tops: dict[Hashable, K] = {}
        self._group_of: dict[K, Hashable] = {}

    def put(self, key: K, group: Hashable, value: Value) -> None:
        """``group``: None for none (any more)."""
        before = self._group_of.get(key)
        if before is not None and before != group:
            del self._group_of[key]
            del self._groups[before][key]
            self._sunk(before, key)
        if group is None:
            return
        self._group_of[key] = group
        values = self._groups.setdefault(group, {})
        old = values.get(key, value)
        values[key] = value
        top = self._tops.setdefault(group, key)
        if value > values[top]:
            self._tops[group] = key
        elif value < old:
            self._sunk(group, key)

    def _sunk(self, group: Hashable, key: K) -> None:
        if self._tops[group] != key:
            return
        values = self._groups[group]
        if values:
            self._tops[group] = max(values, key=values.__getitem__)
        else:
            del self._tops[group], self._groups[group]

    def best(self, group: Hashable, but: K) -> K | None:
        """The key with the greatest value of a group, one key left out."""
        top = self._tops.get(group)
        if top is None or top != but:
            return top
        values = self._groups[group]
        return max((key for key in values if key != but), key=values.__getitem__, default=None)

    def value(self, group: Hashable, but: K) -> float | None:
        """The greatest value of a group, one key left out."""
        key = self.best(group, but)
        return None if key is None else self._groups[group][key][0]
