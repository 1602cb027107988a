"""Before an excuse ends people are warned: the ticket and the thread of its case, and whoever looks at Splunk."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from ..cases import excuses
from ..engine.excusing import notify_of_end
from ..errors import ResponderError
from ..health.checks.excuses import notice_of
from ..health.notice import Notice
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from .hourly_notices import HourlyNotices

log = logging.getLogger("cloudtrail_responder")

CLAIM, NAME = "excuses_hour", "cloudtrail_responder_excuses"


def _read(splunkd: Splunkd, config: Configuration, now: float) -> Iterator[Notice]:
    longest = config.safety.longest_excuse_days
    for excuse in excuses.in_force(splunkd, now, longest):
        if excuse.ends_soon(now, longest):
            try:
                notify_of_end(splunkd, excuse, longest)
            except ResponderError as error:
                # The next hour does; it keeps nobody else from being warned.
                log.error("excuse=%s: ticket and thread are not warned: %s", excuse.key, error)
            yield notice_of(excuse, longest)


_NOTICES = HourlyNotices("Which excuses end soon", CLAIM, "excuse_ends", "excuses_message", NAME, _read)


def announce_when_due(splunkd: Splunkd) -> None:
    """Once an hour, on one search head. Raises nothing."""
    _NOTICES.announce_when_due(splunkd)
