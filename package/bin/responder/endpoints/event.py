"""``event``: one event of CloudTrail, for whoever wants a ticket or a remediation of it.

Post ``{"event": id, "at": time}``. It is searched for with the rights of whoever asks: a day around ``at``, where the
address says when it was, else the last 30 days. It changes nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..engine import event_view
from ..engine.event_view import EventView
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    event, at, user = request.text("event", 100), request.text("at", 100), request.caller.user
    return dataclasses.asdict(event_view.read(request.splunkd, request.own, event, at, user))


ENDPOINT = Endpoint("event", "cloudtrail_responder_view", answer, EventView)
