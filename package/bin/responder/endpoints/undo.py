"""``undo``: take a remediation back. Post ``{"task": key}``; asking twice undoes once.

What is refused, or fails, is no success: 409, with the reason.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..engine.answering import Answerer
from ..engine.undoing import undo
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    who = Answerer(request.caller.user, run=request.caller.session)
    reports = undo(request.splunkd, request.services, request.task_key(), who)
    return {"reports": [dataclasses.asdict(report) for report in reports]}


ENDPOINT = Endpoint("undo", "cloudtrail_responder_undo", answer)
