"""Links to Splunk Web, built by us: an alert's owner could put any address into what he hands over."""

from __future__ import annotations

import re
import threading
from urllib.parse import quote

from ..errors import ResponderError
from .client import Splunkd

_APP = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_SID = re.compile(r"[A-Za-z0-9_.@:%~-]{1,400}")
_bases: dict[str, str] = {}
_lock = threading.Lock()


def results_link(splunkd: Splunkd, configured: str, app: str, sid: str) -> str:
    """The address of a search's results; empty where app or search id are not of their form.

    ``configured``: Splunk Web's address on the General tab; without one it is derived, once in a process.
    """
    if not (_APP.fullmatch(app) and _SID.fullmatch(sid)):
        return ""
    base = configured.rstrip("/") or _base(splunkd)
    return f"{base}/app/{app}/@go?sid={quote(sid, safe='')}" if base else ""


def _base(splunkd: Splunkd) -> str:
    """Splunk Web's address: that of e-mails (alert_actions.conf), or this host's own."""
    with _lock:
        if splunkd.uri not in _bases:
            _bases[splunkd.uri] = _derived(splunkd)
        return _bases[splunkd.uri]


def _derived(splunkd: Splunkd) -> str:
    try:
        hostname = splunkd.conf("alert_actions").get("email", {}).get("hostname", "")
        if re.fullmatch(r"https?://[A-Za-z0-9._\[\]:-]+", hostname):
            return hostname
        web = splunkd.conf("web").get("settings", {})
        info = splunkd.get_json("/services/server/info", {"output_mode": "json"})["entry"][0]["content"]
    except (ResponderError, KeyError, IndexError, TypeError):
        # A ticket without a link is better than none.
        return ""
    host = str(info.get("host_fqdn") or info.get("serverName") or "")
    if not re.fullmatch(r"[A-Za-z0-9.-]+", host) or web.get("startwebserver") == "0":
        return ""
    scheme = "https" if web.get("enableSplunkWebSSL", "0").lower() in ("1", "true") else "http"
    return f"{scheme}://{host}:{web.get('httpport') or '8000'}"


def events_link(results: str, search: str, earliest: float, latest: float) -> str:
    """The address of a search between two moments (epoch seconds), which outlives the job whose results are linked.

    ``results``: as ``results_link`` has built it; empty as that is. The page is this app's own, whose macros it knows.
    """
    base, found, _ = results.partition("/app/")
    if not found or not search:
        return ""
    times = f"earliest={int(earliest)}&latest={int(latest)}"
    return f"{base}/app/cloudtrail_responder/search?q={quote(f'search {search}', safe='')}&{times}"
