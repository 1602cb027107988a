"""``redrive``: send the dead letters of a CloudTrail input back to its queue. Post ``{"input": name}``.

To be done once the reason is cured; the answer has the reasons of the last ones.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ..errors import ConfigurationError
from ..ingest.assembly import account_of, queue_of, saved_settings
from ..ingest.dead_letters import redrive
from ..settings.reader import Configuration
from .base import Endpoint, Request

#: Seconds that a request takes at most; what is left then is for the next one.
LONGEST = 60.0


def answer(request: Request) -> Mapping[str, Any]:
    """``{"messages": how many were sent back, "reasons": [...], "message"}``."""
    settings = saved_settings(request.splunkd, request.text("input", 50))
    if settings.queue is None or settings.dead_letters is None:
        raise ConfigurationError(
            f"CloudTrail input '{settings.name}' has no dead-letter queue.",
            "Enter 'Dead-letter queue' on the Inputs page, or start a redrive in the SQS console.",
        )
    config = Configuration(request.splunkd)
    aws, ends_at = request.services.aws(account_of(config, settings), config.http), time.monotonic() + LONGEST
    done = redrive(
        queue_of(aws, settings, settings.dead_letters),
        queue_of(aws, settings, settings.queue),
        stopped=lambda: time.monotonic() >= ends_at,
    )
    said = "message was" if done.messages == 1 else "messages were"
    return {
        "messages": done.messages,
        "reasons": list(done.reasons),
        "message": f"{done.messages:,} {said} sent back to the queue.",
    }


ENDPOINT = Endpoint("redrive", "cloudtrail_responder_admin", answer)
