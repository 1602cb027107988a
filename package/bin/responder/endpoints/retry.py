"""``retry``: take up again what has failed, was refused, or waits for a person or a service. Post ``{"task": key}``."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..engine.answering import Answerer
from ..engine.retrying import retry
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    report = retry(request.splunkd, request.services, request.task_key(), Answerer(request.caller.user))
    return {"reports": [dataclasses.asdict(report)]}


ENDPOINT = Endpoint("retry", "cloudtrail_responder_approve", answer)
