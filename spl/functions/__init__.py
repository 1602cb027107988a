"""The eval functions, a module per family. Adding a module adds its functions.

Name, argument count and literal argument types are checked when the expression is compiled.
Source of every function: Search Reference, "Evaluation functions".
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Optional

from ..compiled import Compiled
from ..errors import SplRejected, SplUnsupported
from ..row import Row
from ..values import Value, collapse

MANY = 10_000
#: Functions of Splunk that are not built here.
_NOT_BUILT = """
all any array_to_object bit_not cluster commands filter getfields json_entries lookup map object_to_array reduce
sigfig toarray tobool todouble toint tomv toobject
"""
UNSUPPORTED = frozenset(_NOT_BUILT.split())


@dataclass(frozen=True)
class Function:
    name: str
    fewest: int
    most: int
    build: Callable[[list[Compiled]], Compiled]


REGISTRY: dict[str, Function] = {}


def special(name: str, fewest: int, most: Optional[int] = None) -> Callable[[Any], Any]:
    """Register a function that sees its arguments unevaluated: ``build(arguments) -> Compiled``."""

    def register(build: Callable[[list[Compiled]], Compiled]) -> Any:
        REGISTRY[name] = Function(name, fewest, fewest if most is None else most, build)
        return build

    return register


def plain(name: str, fewest: int, most: Optional[int] = None, kind: str = "string") -> Callable[[Any], Any]:
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


@lru_cache(maxsize=1)
def _load() -> None:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")


def call(name: str, arguments: list[Compiled]) -> Compiled:
    """Compile a call. Raises SplRejected (no such function, wrong count or type) or SplUnsupported."""
    _load()
    function = REGISTRY.get(name)
    if function is None:
        if name.lower() in REGISTRY:
            raise SplUnsupported(f"Write the eval function '{name}' in lower case: other spellings are not documented.")
        if name.lower() in UNSUPPORTED:
            raise SplUnsupported(f"The eval function '{name}' is not supported.")
        raise SplRejected(f"The '{name}' function is unsupported or undefined in Splunk.")
    if not function.fewest <= len(arguments) <= function.most:
        if function.most >= MANY:
            expected = f"at least {function.fewest}"
        else:
            expected = " to ".join(str(n) for n in sorted({function.fewest, function.most}))
        given = len(arguments)
        raise SplRejected(f"The arguments to the '{name}' function are invalid: {expected} expected, {given} given.")
    return function.build(arguments)


def supported() -> list[str]:
    _load()
    return sorted(REGISTRY)
