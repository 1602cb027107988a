"""The eval functions, a module per family. Adding a module adds its functions (see ``spl.function``).

Name, argument count and literal argument types are checked when the expression is compiled.
Source of every function: Search Reference, "Evaluation functions".
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from ..compiled import Compiled
from ..errors import SplRejected, SplUnsupported
from ..function import MANY, REGISTRY

#: Functions of Splunk that are not built here.
_NOT_BUILT = """
all any array_to_object bit_not cluster commands filter getfields json_entries lookup map object_to_array reduce
sigfig toarray tobool todouble toint tomv toobject
"""
UNSUPPORTED = frozenset(_NOT_BUILT.split())


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
