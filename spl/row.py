"""A row on its way through the pipeline: an event seen through the changes made to it, or a plain result row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .model import Event
from .values import Cell, Value, cell


class Row:
    """``values`` overlay the event's own fields; a None among them hides the field."""

    __slots__ = ("event", "memo", "values")

    def __init__(self, values: dict[str, Cell | None] | None = None, event: Event | None = None) -> None:
        self.values: dict[str, Cell | None] = {} if values is None else values
        self.event = event
        #: What stages that many searches share have made of this row, which nobody changes then.
        self.memo: dict[Any, Any] | None = None

    def get(self, name: str) -> Cell | None:
        values = self.values
        if name in values:
            return values[name]
        event = self.event
        return None if event is None else event.get(name)

    def set(self, name: str, value: Value) -> None:
        if type(value) is str:
            self.values[name] = value
            return
        held = cell(value)
        if held is None and self.event is None:
            self.values.pop(name, None)
        else:
            self.values[name] = held

    def names(self) -> list[str]:
        """The fields this row has, the event's first."""
        own = [name for name, value in self.values.items() if value is not None]
        if self.event is None:
            return own
        inherited = [name for name in self.event.names() if name not in self.values]
        return inherited + own

    def copy(self) -> Row:
        return Row(dict(self.values), self.event)

    def to_dict(self) -> dict[str, Cell]:
        return {name: value for name in self.names() if (value := self.get(name)) is not None}


def reader(name: str) -> Callable[[Row], Cell | None]:
    """``Row.get`` for one field, written out: expressions and ``stats`` read fields by the million."""

    def read(row: Row) -> Cell | None:
        values = row.values
        if name in values:
            return values[name]
        event = row.event
        return None if event is None else event.get(name)

    return read
