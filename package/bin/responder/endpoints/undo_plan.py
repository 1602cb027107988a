"""``undo_plan``: what the undo of a remediation would do now, and what has changed since. Post ``{"task": key}``.

It changes nothing, and keeps nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..engine.previews import UndoPreview, undo_plan
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    return dataclasses.asdict(undo_plan(request.splunkd, request.services, request.task_key()))


ENDPOINT = Endpoint("undo_plan", "cloudtrail_responder_undo", answer, UndoPreview)
