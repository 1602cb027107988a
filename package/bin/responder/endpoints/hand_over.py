"""``hand_over``: an event of CloudTrail to an alert action, as an alert whose only result it is.

Post ``{"event": id, "at": time, "action": name, "parameters": {...}}``. The event is read from the index with the
rights of whoever asks, as ``event`` does: a page has no rows of its own to hand over. The rest is what ``record`` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..engine import event_view
from ..splunk.client import APP
from . import record
from .base import Endpoint, Request

#: Seconds in which what is asked for may be begun: somebody waits. The rest is the worker's.
TO_BEGIN = 60


def answer(request: Request) -> Mapping[str, Any]:
    """As that of ``record`` with ``run``."""
    event, at = request.text("event", 100), request.text("at", 100)
    name, row = event_view.row_of(request.own, event, at, request.splunkd.now())
    body = {
        "action": request.text("action", 100),
        "parameters": request.body.get("parameters"),
        "rows": [{"number": 1, "row": row}],
        "search_name": name,
        "app": APP,
        "run": TO_BEGIN,
    }
    return record.answer(replace(request, body=body))


ENDPOINT = Endpoint("hand_over", "cloudtrail_responder_run", answer)
