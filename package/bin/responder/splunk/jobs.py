"""Searches that may take longer than anybody waits for an answer: begun, looked at, and read at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from ..errors import ConfigurationError, NotFound, NotPermitted, Rejected, Unavailable
from .client import Splunkd, message_of, parsed
from .search import PATH


@dataclass(frozen=True)
class Job:
    is_done: bool
    #: Why it has failed; empty while it runs, and where it went well.
    problem: str
    #: Seconds that it has run.
    seconds: float


def begin(splunkd: Splunkd, spl: str, earliest: float, latest: float, longest: int) -> str:
    """The id of a search over events from ``earliest`` to ``latest``. Raises as ``search.search``.

    ``longest``: seconds after which Splunk ends it. Nothing that came from outside may stand in ``spl``.
    """
    form = {
        "search": spl,
        "exec_mode": "normal",
        "earliest_time": f"{earliest:.3f}",
        "latest_time": f"{latest:.3f}",
        "max_time": longest,
    }
    body, kind = urlencode(form).encode(), "application/x-www-form-urlencoded"
    # Asked twice, it is two searches: harmless, and the first ends by itself.
    status, data = splunkd.request("POST", PATH, {"output_mode": "json"}, body, kind)
    _raise_for(status, data)
    return str(parsed(data, PATH)["sid"])


def look(splunkd: Splunkd, sid: str) -> Job:
    """Raises NotFound where Splunk does not know it any more, and as ``begin``."""
    status, data = splunkd.request("GET", f"{PATH}/{quote(sid, safe='')}", {"output_mode": "json"})
    _raise_for(status, data)
    try:
        content: Mapping[str, Any] = parsed(data, PATH)["entry"][0]["content"]
    except (KeyError, IndexError, TypeError) as error:
        raise Unavailable("Splunk's answer about a search cannot be read.", "Look into splunkd.log.") from error
    state, messages = str(content.get("dispatchState")), content.get("messages") or ()
    problem = ""
    if state == "FAILED" or content.get("isFailed") is True:
        said = (str(one.get("text")) for one in messages if isinstance(one, Mapping) and one.get("type") != "INFO")
        problem = next(said, "") or "The search has failed."
    elif content.get("isFinalized") is True:
        problem = "It took too long, and was ended."
    return Job(state in ("DONE", "FAILED"), problem, float(content.get("runDuration") or 0))


def results(splunkd: Splunkd, sid: str) -> list[dict[str, Any]]:
    """Of a search that is done. Raises as ``look``."""
    path = f"{PATH}/{quote(sid, safe='')}/results"
    status, data = splunkd.request("GET", path, {"output_mode": "json", "count": 0})
    _raise_for(status, data)
    found: list[dict[str, Any]] = parsed(data, path).get("results") or []
    return found


def _raise_for(status: int, data: bytes) -> None:
    if status == 404:
        raise NotFound("Splunk does not know the search any more.", "Begin it again.")
    if status == 400:
        raise ConfigurationError(f"Splunk cannot run the search: {message_of(data)}", "Check the macros that it uses.")
    if status in (401, 403):
        raise NotPermitted(f"Splunk does not permit the search: {message_of(data)}", "Ask an administrator of Splunk.")
    if status >= 500 or status == 429:
        raise Unavailable(f"Splunk cannot search now (HTTP {status}): {message_of(data)}", "Try again.")
    if status >= 400:
        raise Rejected(f"Splunk refused the search (HTTP {status}): {message_of(data)}")
