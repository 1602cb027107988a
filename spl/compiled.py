"""A compiled expression: a closure and what is known about it before any event is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .errors import SplRejected, SplUnsupported
from .row import Row
from .values import Value


@dataclass(frozen=True)
class Compiled:
    """``kind``: bool, number, string, or any (a field, or what depends on the row)."""

    call: Callable[[Row], Value]
    kind: str
    #: Fields it reads.
    fields: frozenset[str] = frozenset()
    #: Written out in the search; ``constant`` is its value.
    literal: bool = False
    constant: Value = None
    #: The field, when the expression is nothing but one.
    field: str | None = None

    @property
    def kind_name(self) -> str:
        return {"bool": "Boolean", "number": "number", "string": "string"}.get(self.kind, "value of unknown type")


def require_boolean(compiled: Compiled, role: str) -> None:
    """Refuse what cannot be a condition; a bare field there is undocumented."""
    if compiled.kind in ("number", "string"):
        raise SplRejected(f"Type checking failed: {role} must be Boolean, and this is a {compiled.kind_name}.")
    if compiled.field is not None:
        raise SplUnsupported(f"{role} is the bare field '{compiled.field}'; compare it with something instead.")
