"""Alert actions: how what an analyst chose in the alert becomes a task. Registered beside the handler of the task."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Callable

from ..cases.recording import TaskRequest
from ..discovery import declared
from ..errors import Rejected
from ..findings.finding import Finding


@dataclass(frozen=True)
class Action:
    #: Without the prefix ``responder_``.
    name: str
    #: What it asks for about a finding, given the alert's parameters; None for nothing. Raises ConfigurationError.
    request: Callable[[Finding, Mapping[str, str]], TaskRequest | None]


@functools.lru_cache(maxsize=1)
def actions() -> Mapping[str, Action]:
    """Every alert action by its name."""
    return {action.name: action for action in declared(importlib.import_module(__package__), "ACTION")}


def action(name: str) -> Action:
    """Raises Rejected for one this version does not have."""
    found = actions().get(name)
    if found is None:
        raise Rejected(f"There is no alert action '{name[:40]}'.", "Install the same version on every search head.")
    return found
