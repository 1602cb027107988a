"""Finds the dispatchers: every module of this package that declares ``DISPATCHER``."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping

from ...discovery import declared
from ...errors import ConfigurationError
from ...settings.dispatch_target import TAB, DispatchTarget
from .base import Dispatcher


@functools.lru_cache(maxsize=1)
def dispatchers() -> Mapping[str, Dispatcher]:
    """Every dispatcher by its type, in the order of their labels."""
    found = declared(importlib.import_module(__package__), "DISPATCHER")
    return {one.type: one for one in sorted(found, key=lambda one: str(one.label))}


def dispatcher_of(target: DispatchTarget) -> Dispatcher:
    """Raises ConfigurationError for a type that this version does not have, and for settings that it cannot use."""
    found = dispatchers().get(target.type)
    if found is None:
        raise ConfigurationError(
            f"{target.where}: there is no type '{target.type[:40]}'.",
            f"Choose one of {', '.join(dispatchers())} on the {TAB} tab.",
        )
    found.check(target)
    return found
