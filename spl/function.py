"""What an eval function is: a name, how many arguments it takes, and how a call of it is compiled.

``@plain`` registers a function of values, ``@special`` one that sees its arguments unevaluated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .compiled import Compiled
from .row import Row
from .values import Value, collapse

#: More arguments than anybody writes: there is no upper limit.
MANY = 10_000


@dataclass(frozen=True)
class Function:
    name: str
    fewest: int
    most: int
    build: Callable[[list[Compiled]], Compiled]


REGISTRY: dict[str, Function] = {}


def special(name: str, fewest: int, most: int | None = None) -> Callable[[Any], Any]:
    """Register a function that sees its arguments unevaluated: ``build(arguments) -> Compiled``."""

    def register(build: Callable[[list[Compiled]], Compiled]) -> Any:
        REGISTRY[name] = Function(name, fewest, fewest if most is None else most, build)
        return build

    return register


def plain(name: str, fewest: int, most: int | None = None, kind: str = "string") -> Callable[[Any], Any]:
    """Register a function of evaluated values: a null argument gives null without asking it."""

    def register(compute: Callable[..., Value]) -> Any:
        def build(arguments: list[Compiled]) -> Compiled:
            calls = [argument.call for argument in arguments]

            def run(row: Row) -> Value:
                values = [call(row) for call in calls]
                return None if None in values else collapse(compute(*values))

            return Compiled(run, kind, fields=fields_of(arguments))

        REGISTRY[name] = Function(name, fewest, fewest if most is None else most, build)
        return compute

    return register


def fields_of(arguments: list[Compiled]) -> frozenset[str]:
    return frozenset().union(*(argument.fields for argument in arguments))
