"""``case_playbooks``: which playbooks can answer the finding of a case, and why others cannot.

Post ``{"case": id}``, or ``{"event": id, "at": time}`` as for ``event``. AWS is not asked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..cases.task import Task
from ..engine import event_view
from ..engine.answering import Answerer
from ..engine.remediating import PlaybookChoices, choices, source
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    return dataclasses.asdict(choices(request.splunkd, finding_task(request)))


def finding_task(request: Request) -> Task:
    """A task with the finding of the case or of the event that a request names. Raises as ``source`` of either."""
    event = request.text("event", 100)
    if not event:
        return source(request.splunkd, request.text("case", 100))
    return event_view.source(request.splunkd, request.own, event, request.text("at", 100), answerer(request))


def answerer(request: Request) -> Answerer:
    return Answerer(request.caller.user, run=request.caller.session)


ENDPOINT = Endpoint("case_playbooks", "cloudtrail_responder_view", answer, PlaybookChoices)
