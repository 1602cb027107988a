"""Whether a task is kept from being tried because a person has excused its case, and how it ends then."""

from __future__ import annotations

from ..cases.excuses import Excuse
from ..cases.outcomes import FindingExcused
from ..cases.task import Task
from ..documents.excuses import excused_until
from ..handlers.base import Context, Kind, Result
from .lane_settings import Settings
from .lane_tasks import OtherLanes


def excuse_of(task: Task, kind: Kind, others: OtherLanes, settings: Settings) -> Excuse | None:
    """The excuse that covers what an alert or the sweep asks for; None for anything else. Raises ResponderError."""
    if not kind.is_requested or task.finding is None:
        return None
    excuse = others.excuse()
    if excuse is None:
        return None
    longest = settings.config.safety.longest_excuse_days
    return excuse if excuse.covers(task.finding, settings.clock(), longest) else None


def excused(kind: Kind, context: Context, excuse: Excuse) -> Result:
    """Nothing is sent for it, and nobody is notified, unless people have heard of it before."""
    until = excuse.ends_at(context.config.safety.longest_excuse_days)
    said = excused_until(until, excuse.by, excuse.reason)
    context.audit("finding_excused", by=excuse.by, way=excuse.way, reason=excuse.reason, until=until, message=said)
    known = kind.on_excuse(context, said) if kind.on_excuse is not None else None
    return known or Result(said, FindingExcused(excuse.number, excuse.by, until, excuse.reason))
