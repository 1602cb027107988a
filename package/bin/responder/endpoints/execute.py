"""``execute``: run recorded tasks now. Post ``{"tasks": [key, ...]}``; answers ``{"reports": [TaskReport, ...]}``.

With ``"run": <seconds>`` no task is begun after that time: it stays recorded, as its report says, and is the worker's.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ..cases.keys import TaskKey
from ..cases.snapshot import CaseSnapshot
from ..cases.states import State
from ..engine.engine import Engine
from ..engine.report import not_begun
from ..errors import Rejected, ResponderError
from ..settings.reader import Configuration
from .base import Endpoint, Request

log = logging.getLogger("cloudtrail_responder")

MAX_TASKS = 200
#: Seconds in which tasks may be begun, unless the request says how many: Splunk's limit of an alert action.
LONGEST_RUN = 300.0


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


def run(
    request: Request,
    tasks: Sequence[str],
    seconds: float,
    cases: Mapping[str, CaseSnapshot] | None = None,
    config: Configuration | None = None,
    tells: str = "",
) -> list[dict[str, Any]]:
    """Run the caller's own tasks; a report on each, in order. Raises ResponderError when none could be begun.

    ``cases``: how they stood a moment ago, for those that need not be read. ``tells``: as of ``Engine.run``.
    """
    reports = Engine(request.splunkd, request.services, config=config).run(
        tasks,
        # An alert that asks again for what has failed has it tried again: somebody may have cured it.
        again=frozenset((State.FAILED,)),
        requested=True,
        owner=request.caller.user,
        cases=cases,
        until=time.monotonic() + seconds,
        patient=True,
        tells=tells,
    )
    return [dataclasses.asdict(report) for report in reports]


def run_recorded(
    request: Request,
    tasks: Sequence[str],
    seconds: float,
    cases: Mapping[str, CaseSnapshot],
    config: Configuration,
    tells: str = "",
) -> list[dict[str, Any]]:
    """The same for what was recorded a moment ago: whatever happens, the answer says that it is recorded."""
    try:
        return run(request, tasks, seconds, cases, config, tells)
    except ResponderError as error:
        reason = str(error)
    except Exception as error:
        log.exception("endpoint=record: internal error while running tasks")
        reason = f"Internal error ({type(error).__name__}); see the app's log file."
    return [dataclasses.asdict(not_begun(key, reason)) for key in dict.fromkeys(tasks)]


ENDPOINT = Endpoint("execute", "cloudtrail_responder_run", answer)
