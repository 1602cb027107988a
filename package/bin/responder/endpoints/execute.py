"""``execute``: run recorded tasks now. Post ``{"tasks": [key, ...]}``; answers ``{"reports": [TaskReport, ...]}``.

With ``"run": <seconds>`` no task is begun after that time: it stays recorded, as its report says, and is the worker's.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..cases.keys import Lane, TaskKey
from ..cases.states import State
from ..engine.engine import Engine
from ..engine.report import TaskReport
from ..errors import Rejected, ResponderError
from .base import Endpoint, Request

log = logging.getLogger("cloudtrail_responder")

MAX_TASKS = 200
#: Seconds in which tasks may be begun, unless the request says how many: Splunk's limit of an alert action.
LONGEST_RUN = 300.0
#: Tasks run at a time; whether there is time for more is asked in between.
PORTION = 25


def answer(request: Request) -> Mapping[str, Any]:
    keys = request.body.get("tasks")
    if not isinstance(keys, list) or len(keys) > MAX_TASKS:
        raise Rejected(f'Post {{"tasks": [...]}} with at most {MAX_TASKS} task keys.')
    tasks = [str(TaskKey.parse(key)) for key in keys]
    seconds = seconds_to_run(request)
    return {"reports": run(request, tasks, LONGEST_RUN if seconds is None else seconds)}


def seconds_to_run(request: Request) -> float | None:
    """What a request says under ``run``; None when it does not. Raises Rejected."""
    seconds = request.body.get("run")
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds <= LONGEST_RUN:
        raise Rejected(f"run is not a number of seconds from 0 to {LONGEST_RUN:.0f}.")
    return float(seconds)


def run(request: Request, tasks: Sequence[str], seconds: float) -> list[dict[str, Any]]:
    """Run the caller's own tasks; a report on each, in order. Raises ResponderError when none could be begun."""
    until = time.monotonic() + seconds
    engine = Engine(request.splunkd, request.services)
    reports: dict[str, TaskReport] = {}
    for portion in _portions(tasks):
        if time.monotonic() >= until:
            break
        # An alert that asks again for what has failed has it tried again: somebody may have cured it.
        again = frozenset((State.FAILED,))
        ran = engine.run(portion, again=again, requested=True, owner=request.caller.user)
        reports.update((report.task, report) for report in ran)
    return [dataclasses.asdict(reports.get(key) or not_begun(key)) for key in dict.fromkeys(tasks)]


def run_recorded(request: Request, tasks: Sequence[str], seconds: float) -> list[dict[str, Any]]:
    """The same for what was recorded a moment ago: whatever happens, the answer says that it is recorded."""
    try:
        return run(request, tasks, seconds)
    except ResponderError as error:
        reason = str(error)
    except Exception as error:
        log.exception("endpoint=record: internal error while running tasks")
        reason = f"Internal error ({type(error).__name__}); see the app's log file."
    return [dataclasses.asdict(not_begun(key, reason)) for key in dict.fromkeys(tasks)]


def not_begun(key: str, reason: str = "There was no time left to begin with it.") -> TaskReport:
    return TaskReport(key, "", State.RECORDED.value, reason)


def _portions(tasks: Sequence[str]) -> Iterator[list[str]]:
    """Those of one lane are run together: what waits in a lane is one digest."""
    lanes: dict[Lane, list[str]] = {}
    for key in tasks:
        lanes.setdefault(TaskKey.parse(key).lane, []).append(key)
    portion: list[str] = []
    for keys in lanes.values():
        if portion and len(portion) + len(keys) > PORTION:
            yield portion
            portion = []
        portion += keys
    if portion:
        yield portion


ENDPOINT = Endpoint("execute", "cloudtrail_responder_run", answer)
