"""``estimate``: what a back-fill would bring and cost, before it begins. Post ``{"input": name}``.

The input must be one that reads from a bucket; it need not be enabled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ConfigurationError
from ..ingest.assembly import account_of, saved_settings, walk_of
from ..ingest.estimate import estimate
from ..settings.reader import Configuration
from .base import Endpoint, Request

#: Seconds for which the bucket is listed.
LONGEST = 60.0


def answer(request: Request) -> Mapping[str, Any]:
    """``{"files", "compressed", "bytes", "records", "folders", "is_whole", "samples", "hours", "message"}``."""
    settings = saved_settings(request.splunkd, request.text("input", 50))
    if settings.mode != "backfill":
        raise ConfigurationError(
            f"CloudTrail input '{settings.name}' reads from a queue.", "Choose an input that reads from a bucket."
        )
    config = Configuration(request.splunkd)
    aws = request.services.aws(account_of(config, settings), config.http)
    found = estimate(walk_of(aws, settings), aws, settings.region, LONGEST)
    return {**found.to_dict(), "message": found.sentence()}


ENDPOINT = Endpoint("estimate", "cloudtrail_responder_admin", answer)
