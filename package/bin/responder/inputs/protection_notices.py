"""Whoever keeps ``responder_protected`` is warned before an entry ends, and of what cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

from ..health.checks.protections import notices
from ..health.notice import Notice
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from .hourly_notices import HourlyNotices

CLAIM, NAME = "protections_hour", "cloudtrail_responder_protections"


def _read(splunkd: Splunkd, config: Configuration, now: float) -> Iterator[Notice]:
    return notices(splunkd, config.safety.protection_warning_days, now)


_NOTICES = HourlyNotices(
    "Which protections end soon", CLAIM, "protection", "protections_message", NAME, _read
)


def announce_when_due(splunkd: Splunkd) -> None:
    """Once an hour, on one search head. Raises nothing."""
    _NOTICES.announce_when_due(splunkd)
