"""Fields of the Safety tab, saved as the setup page saves them, without the others: so nothing else is overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from ..errors import Unavailable
from ..settings.reader import SETTINGS
from ..splunk.client import Splunkd, message_of
from .setup_page import STAMP


def save(splunkd: Splunkd, fields: Mapping[str, str], now: float) -> None:
    """Raises Unavailable where splunkd does not take it."""
    form = {**fields, STAMP: f"{now:.3f}"}
    if _post(splunkd, f"configs/conf-{SETTINGS}/safety", form) == 404:
        _post(splunkd, f"configs/conf-{SETTINGS}", {"name": "safety", **form})


def _post(splunkd: Splunkd, path: str, fields: Mapping[str, str]) -> int:
    status, data = splunkd.request(
        "POST",
        path,
        {"output_mode": "json"},
        urlencode(fields).encode(),
        "application/x-www-form-urlencoded",
    )
    if status not in (200, 201, 404):
        raise Unavailable(
            f"The Safety tab could not be saved (HTTP {status}): {message_of(data)}", "Save it on the setup page."
        )
    return status
