"""Containment for a time: a change that is taken back by itself, unless somebody keeps it.

The undo is recorded when the change is done, due when the time is over. To reject it is to keep the change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .evidence import Planned

#: What the undo's answers are about (``Planned.ask``): it has no plan yet.
ASK = "time_limit"
#: Who asks for it.
BY = "time limit"


def request(of: str, due: float, seconds: float) -> dict[str, Any]:
    """Of the undo's task, which is made then (epoch seconds), so many seconds after the change."""
    return {"of": of, "by": BY, "not_before": due, "seconds": seconds}


def due(request: Mapping[str, Any]) -> float:
    """When it is made (epoch seconds)."""
    return float(request.get("not_before") or 0)


def seconds(request: Mapping[str, Any]) -> float:
    """For how long the change was made."""
    return float(request.get("seconds") or 0)


def is_limit(request: Mapping[str, Any]) -> bool:
    """Whether an undo comes of a time limit."""
    return request.get("by") == BY


def asked(at: float) -> Planned:
    """What may be rejected: that it is taken back."""
    return Planned(at, "", "undo", (), ASK, ASK)
