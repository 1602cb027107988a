"""Finds the kinds of tasks: every module of this package that declares ``KINDS``."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..cases.keys import follow_up
from ..cases.recording import TaskRequest
from ..cases.task import Task
from ..discovery import declared
from ..errors import Rejected
from ..findings.finding import Finding
from ..settings.reader import Configuration
from .action import Action
from .base import Kind


@functools.lru_cache(maxsize=1)
def kinds() -> Mapping[str, Kind]:
    """Every kind by its name."""
    package = importlib.import_module(__package__)
    return {kind.name: kind for group in declared(package, "KINDS") for kind in group}


def kind_of(task: Task) -> Kind:
    """Raises Rejected for a kind this version does not know."""
    kind = kinds().get(task.kind)
    if kind is None or kind.family != task.lane.family:
        raise Rejected(
            f"This version of the app knows no task of kind '{task.kind[:40]}'.",
            "Install the version that recorded it.",
        )
    return kind


def service_of(kind: str, request: Mapping[str, Any], finding: Finding | None) -> str:
    """The service that a task needs, as in ``Kind.service``; empty where that is not known."""
    known = kinds().get(kind)
    return known.service(request, finding) if known is not None else ""


def requested(action: Action, finding: Finding, parameters: Mapping[str, str]) -> TaskRequest | None:
    """What an alert action asks for about a finding, and of which service. Raises ConfigurationError."""
    wanted = action.request(finding, parameters)
    return replace(wanted, service=service_of(wanted.kind, wanted.request, finding)) if wanted else None


def notifications(
    task: Task,
    turn: int,
    status: str,
    ask: str = "",
    cases: Sequence[str] = (),
    config: Configuration | None = None,
) -> tuple[Task, ...]:
    """Tasks that report what became of a remediation in a turn of its lane, one for each family that wants to know.

    They end by themselves where nobody was notified of the case. ``cases``: which hear of it; its own, and that of the
    run, where there is one. ``status`` empty: whatever it comes to in the end. ``ask``: which asking it is about; the
    same plan that is asked about anew is told anew. ``config``: where it is given, families that are not set up get
    none.
    """
    found = []
    wanted = [kind for kind in kinds().values() if kind.on_remediation and kind.concerns(task.finding)]
    if config is not None:
        wanted = [kind for kind in wanted if kind.is_set_up(config)]
    for case in dict.fromkeys(cases or filter(None, (task.case_id, task.reports_to))):
        for kind in wanted:
            if kind.own_case_only and case != task.case_id:
                continue
            request = {"about": task.key, "turn": turn, "status": status, "ask": ask}
            key = follow_up(case, kind.family, kind.name, task.key, status, *filter(None, [ask]))
            found.append(task.following(key, kind.name, request, kind.service(request, task.finding)))
    return tuple(found)
