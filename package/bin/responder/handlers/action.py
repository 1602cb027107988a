"""Alert actions: what an analyst can choose, and how it becomes a task. Declared beside the handler of the task."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Callable

from ..cases.recording import TaskRequest
from ..discovery import declared
from ..errors import Rejected
from ..findings.finding import Finding


@dataclass(frozen=True)
class Parameter:
    """A field that an analyst may fill in the alert; always optional, always a text."""

    name: str
    #: At most 30 characters.
    label: str
    #: At most 200 characters, as Splunk shows it.
    help: str
    #: Value and label of each choice, the first is the default; empty for free text.
    options: Sequence[tuple[str, str]] = ()
    #: Free text of several lines.
    multiline: bool = False
    #: The list of ``engine.offered`` that the form offers, where there is one; free text all the same.
    offered: str = ""


@dataclass(frozen=True)
class AdaptiveResponse:
    """How Enterprise Security files the action. Words: CIM's recommendations for ``param._cam``."""

    task: Sequence[str]
    subject: Sequence[str]
    category: Sequence[str]
    vendor: str
    product: str


@dataclass(frozen=True)
class Action:
    """An alert action. The build makes everything that Splunk needs of it: pages, .conf stanzas, the script."""

    #: Without the prefix ``responder_``.
    name: str
    label: str
    description: str
    parameters: Sequence[Parameter]
    adaptive_response: AdaptiveResponse
    #: Search terms over the audit that find what the action did.
    results: str
    #: What it asks for about a finding, given the alert's parameters; None for nothing. Raises ConfigurationError.
    request: Callable[[Finding, Mapping[str, str]], TaskRequest | None]
    #: Whether all results of a run can be one finding: where people are told of them.
    merges: bool = False
    #: Whether what it opens can tell of several cases, each by its name (docs/incidents.md).
    gathers: bool = False


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
