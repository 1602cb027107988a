"""One-shot searches with the rights of the session, in the app's namespace."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from ..errors import ConfigurationError, NotPermitted, Unavailable
from .client import Splunkd, message_of, parsed

PATH = "search/v2/jobs"
#: Seconds after which Splunk ends a search, and seconds more that are waited for its answer.
LONGEST, GRACE = 60, 15
_BROKEN = ("ERROR", "FATAL")


def search(
    splunkd: Splunkd,
    spl: str,
    earliest: float,
    latest: float,
    longest: int = LONGEST,
    index_earliest: float | None = None,
) -> list[dict[str, Any]]:
    """Every result of a search over events from ``earliest`` to ``latest`` (epoch seconds, by event time).

    ``longest``: seconds after which Splunk ends it. ``index_earliest``: only what was indexed since then.

    A result is {field: text, or list of texts}. ``spl`` begins with ``search`` or a pipe; nothing that came from
    outside may stand in it. Raises ConfigurationError when Splunk cannot run it, NotPermitted when it may not, and
    Unavailable when it was not run to its end.
    """
    form = {
        "search": spl,
        "exec_mode": "oneshot",
        "output_mode": "json",
        "earliest_time": f"{earliest:.3f}",
        "latest_time": f"{latest:.3f}",
        "max_time": longest,
        "count": 0,
        **({} if index_earliest is None else {"index_earliest": f"{index_earliest:.3f}"}),
    }
    body, kind = urlencode(form).encode(), "application/x-www-form-urlencoded"
    status, data = splunkd.request("POST", PATH, body=body, content_type=kind, timeout=longest + GRACE)
    if status in (400, 404):
        raise ConfigurationError(
            f"Splunk cannot run the app's search: {message_of(data)}",
            "Check the macros that it uses: Settings > Advanced search > Search macros, app CloudTrail Responder.",
        )
    if status in (401, 403):
        raise NotPermitted(f"Splunk does not permit the app's search: {message_of(data)}", "Look into splunkd.log.")
    if status >= 400:
        raise Unavailable(f"Splunk cannot search now (HTTP {status}): {message_of(data)}", "Look into splunkd.log.")
    answer = parsed(data, PATH)
    for message in answer.get("messages") or ():
        if message.get("type") in _BROKEN:
            raise Unavailable(f"A search of the app broke off: {message.get('text')}", "Look into splunkd.log.")
    results: list[dict[str, Any]] = answer.get("results") or []
    return results
