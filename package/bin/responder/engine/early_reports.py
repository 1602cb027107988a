"""Reports of what became of a remediation where nobody has asked to be told yet, as in a thread that is not begun.

That there is nobody holds only for somebody who has the turn of that lane, and a turn is a request. So such a report is
left recorded for whoever has the next turn there: the action that begins the thread, most often, or the worker. The
actions of an alert may run side by side, so whoever ends a turn of that lane in this process takes up what was left
meanwhile. What was told in another process within the seconds for which a case is remembered is not seen: then the
report is the worker's.
"""

from __future__ import annotations

from ..cases.snapshot import CaseSnapshot
from ..cases.task import Task
from ..handlers.registry import kinds


def has_nobody_to_tell(task: Task, case: CaseSnapshot) -> bool:
    """``case``: how it stood a moment ago. Of a task of another case, or of a case that is not known, never."""
    known = kinds()
    kind = known.get(task.kind)
    if kind is None or not kind.on_remediation or task.case_id != case.case_id or not case.is_complete:
        return False
    asks = {one.name for one in known.values() if one.is_requested and one.family == kind.family}
    lane = case.lanes.get(str(task.lane))
    return bool(asks) and not (lane and any(one.kind in asks for one in lane.tasks))
