"""Finds the kinds of notifiers: every module of this package that declares ``NOTIFIER``."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping

from ..discovery import declared
from ..errors import ConfigurationError
from ..settings.notifier import NotifierEntry
from .base import TAB, Notifier


@functools.lru_cache(maxsize=1)
def notifiers() -> Mapping[str, type[Notifier]]:
    """Every kind by its type, in the order of their labels."""
    found = declared(importlib.import_module(__package__), "NOTIFIER")
    return {kind.type: kind for kind in sorted(found, key=lambda kind: str(kind.label))}


def notifier_of(entry: NotifierEntry) -> Notifier:
    """Raises ConfigurationError for a kind that this version does not have, and for settings it cannot use."""
    kind = notifiers().get(entry.type)
    if kind is None:
        raise ConfigurationError(
            f"Notifier '{entry.name}': there is no type '{entry.type[:40]}'.",
            f"Choose one of {', '.join(notifiers())} {TAB}.",
        )
    return kind(entry)
