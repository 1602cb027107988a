"""``execute``: run recorded tasks now. Post ``{"tasks": [key, ...]}``; answers ``{"reports": [TaskReport, ...]}``."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..cases.keys import TaskKey
from ..cases.states import State
from ..engine.engine import Engine
from ..errors import Rejected
from .base import Endpoint, Request

MAX_TASKS = 200


def answer(request: Request) -> Mapping[str, Any]:
    keys = request.body.get("tasks")
    if not isinstance(keys, list) or len(keys) > MAX_TASKS:
        raise Rejected(f'Post {{"tasks": [...]}} with at most {MAX_TASKS} task keys.')
    tasks = [str(TaskKey.parse(key)) for key in keys]
    # An alert that asks again for what has failed has it tried again: somebody may have cured it.
    reports = Engine(request.splunkd, request.services).run(
        tasks, again=frozenset((State.FAILED,)), requested=True, owner=request.caller.user
    )
    return {"reports": [dataclasses.asdict(report) for report in reports]}


ENDPOINT = Endpoint("execute", "cloudtrail_responder_run", answer)
