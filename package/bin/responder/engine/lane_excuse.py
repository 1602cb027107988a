"""Whether a task is kept from being tried because a person has excused its case, and how it ends then."""

from __future__ import annotations

from ..cases import excuses
from ..cases.excuses import Excuse
from ..cases.outcomes import FindingExcused
from ..cases.states import State
from ..cases.task import Task
from ..documents.excuses import excused_until
from ..handlers.base import Context, Kind, Result
from ..handlers.registry import kind_of
from .lane_settings import Settings
from .lane_tasks import LaneTasks, OtherLanes

#: Seconds for which a task needs no look at whether another case is excused: it was recorded on the strength of one.
LOOKED_AT = 20.0


class LaneExcuses:
    """Excuses of the case of a lane, and of the others that it tells of."""

    def __init__(self, settings: Settings, others: OtherLanes, tasks: LaneTasks) -> None:
        self._settings, self._others, self._tasks = settings, others, tasks
        self._of_others: dict[str, Excuse | None] = {}

    def own(self, task: Task, kind: Kind) -> Excuse | None:
        """The excuse that covers what an alert or the sweep asks for in its own case. Raises ResponderError."""
        if not kind.is_requested or task.finding is None or task.about_case != task.case_id:
            return None
        return self._covering(task, self._others.excuse())

    def of_other(self, task: Task, kind: Kind) -> Excuse | None:
        """The same of what is told in the lane of another case. Raises ResponderError.

        One that stood when it was recorded has kept it out of here (``handlers/gathering.py``): what has waited since
        is looked at again.
        """
        if not self._has_waited(task) or not kind.is_requested:
            return None
        if task.about_case not in self._of_others:
            waiting = [one.about_case for one in self._tasks.values() if not one.final and self._has_waited(one)]
            wanted = [case for case in dict.fromkeys((task.about_case, *waiting)) if case not in self._of_others]
            self._of_others.update(excuses.newest_of(self._settings.splunkd, wanted))
        return self._covering(task, self._of_others[task.about_case])

    def covers(self, task: Task) -> bool:
        """Whether nobody is notified of what waits in the lane, whichever case it is about. Raises ResponderError."""
        kind = kind_of(task)
        return (self.own(task, kind) or self.of_other(task, kind)) is not None

    def _has_waited(self, task: Task) -> bool:
        if task.about_case == task.case_id:
            return False
        return task.state is not State.RECORDED or self._settings.clock() - task.created_at >= LOOKED_AT

    def _covering(self, task: Task, excuse: Excuse | None) -> Excuse | None:
        if excuse is None or task.finding is None:
            return None
        longest = self._settings.config.safety.longest_excuse_days
        return excuse if excuse.covers(task.finding, task.owner, self._settings.clock(), longest) else None


def excused(kind: Kind, context: Context, excuse: Excuse) -> Result:
    """Nothing is sent for it, and nobody is notified, unless people have heard of it before."""
    until = excuse.ends_at(context.config.safety.longest_excuse_days)
    said = excused_until(until, excuse.by, excuse.reason)
    context.audit(
        "finding_excused",
        case_id=context.task.about_case,
        by=excuse.by,
        way=excuse.way,
        reason=excuse.reason,
        until=until,
        message=said,
    )
    known = kind.on_excuse(context, said) if kind.on_excuse is not None else None
    return known or Result(said, FindingExcused(excuse.number, excuse.by, until, excuse.reason))
