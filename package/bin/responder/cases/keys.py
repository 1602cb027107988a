"""The keys of cases, lanes, tasks and turns: built and parsed here and nowhere else.

    case   <20 hex digits>                     hash of the dedup key
    lane   <case>.<family>                     all tasks of one family of a case: one of them runs at a time
    task   <case>.<family>.<16 hex digits>     hash of what it is about and how it was requested
    turn   <case>.<family>:<number>            a turn of the lane
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import Rejected

_CASE = re.compile(r"[0-9a-f]{20}")
_LANE = re.compile(r"([0-9a-f]{20})\.([a-z][a-z0-9_]{1,30})")
_EVENT = re.compile(r"[0-9a-f]{20}:")
_TASK = re.compile(r"([0-9a-f]{20})\.([a-z][a-z0-9_]{1,30})\.([0-9a-f]{16})")


def case_id(dedup_key: str) -> str:
    """The same dedup key, the same case, on any search head."""
    return _digest(dedup_key)[:20]


def case_checked(text: Any) -> str:
    """The id of a case. Raises ValueError for anything else."""
    if not isinstance(text, str) or not _CASE.fullmatch(text):
        raise ValueError("no id of a case")
    return text


@dataclass(frozen=True)
class Lane:
    """Where the tasks of one family of a case queue."""

    case_id: str
    family: str

    def __str__(self) -> str:
        return f"{self.case_id}.{self.family}"


@dataclass(frozen=True)
class TaskKey:
    lane: Lane
    name: str

    def __str__(self) -> str:
        return f"{self.lane}.{self.name}"

    @classmethod
    def parse(cls, text: Any) -> TaskKey:
        """Raises Rejected for anything that is not the key of a task."""
        match = _TASK.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise Rejected("That is not the key of a task.", "Take it from the field task of the audit events.")
        return cls(Lane(match[1], match[2]), match[3])


def lane_of(task_key: str) -> Lane:
    """The lane of a task, by its key. Raises Rejected."""
    return TaskKey.parse(task_key).lane


def is_lane(text: str) -> bool:
    return _LANE.fullmatch(text) is not None


def finding_task(
    case: str,
    family: str,
    kind: str,
    event_names: Iterable[str],
    request: Mapping[str, Any],
    owner: str = "",
    target: Any = (),
) -> str:
    """The key of a task about events: the same events of the same target, requested by the same owner in the same way.

    Were the owner no part of it, whoever hands the events over first would decide what is done about them.
    """
    return _task(case, family, [kind, sorted(event_names), request, owner, target])


def follow_up(case: str, family: str, kind: str, *about: str) -> str:
    """The key of a task that follows from another one."""
    return _task(case, family, [kind, *about])


def _task(case: str, family: str, about: Any) -> str:
    text = json.dumps(about, sort_keys=True, separators=(",", ":"))
    return str(TaskKey(Lane(case, family), _digest(text)[:16]))


def event_of(case: str, name: str) -> str:
    """The name of an event of another case, where one ticket tells of several cases: what was told of one is news of
    another."""
    return f"{case}:{name}"


def bare_event(name: str) -> str:
    """The name without the case."""
    return name[21:] if _EVENT.match(name) else name


def case_of_event(name: str) -> str:
    """The other case that an event was named for; empty for one of the lane's own case."""
    return name[:20] if _EVENT.match(name) else ""


def turn(lane: Lane, number: int) -> str:
    return f"{lane}:{number}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
