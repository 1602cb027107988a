"""``health``: does it work here? Post ``{}``; the search command ``responderhealth`` asks the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..health import run
from ..health.line import worst
from ..health.surroundings import Surroundings
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    lines = run.run(Surroundings.of(request.splunkd.uri, request.splunkd.session_key))
    return {"level": worst(line.level for line in lines), "lines": [line.as_dict() for line in lines]}


ENDPOINT = Endpoint("health", "cloudtrail_responder_view", answer)
