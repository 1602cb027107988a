"""Saved searches of detections that no longer ship: what people have changed of them stays in ``local`` and breaks.

Splunk merges ``local/savedsearches.conf`` over what the app ships. When a detection is removed or renamed, its stanza
in ``local`` (its schedule, its actions) remains without a search, or with one whose macros are gone, and fails at each
run. It is disabled, never deleted: its actions may be wanted for what has taken its place.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from ..errors import Rejected, Unavailable
from ..log_values import quoted
from ..splunk.client import APP, Splunkd

log = logging.getLogger("cloudtrail_responder")

#: Name of the bulletin message, and how many names it lists.
MESSAGE, LISTED = "cloudtrail_responder_retired_searches", 10
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class SavedSearch:
    """A stanza of savedsearches.conf in the app, merged."""

    name: str
    search: str
    is_disabled: bool
    #: Whose private stanza it is; "nobody" for what is shared.
    owner: str = "nobody"


def stanzas(splunkd: Splunkd) -> list[SavedSearch]:
    """Those in the app, of all users. The conf endpoint shows them even without a search."""
    feed = splunkd.get_json(f"/servicesNS/-/{APP}/configs/conf-savedsearches", {"output_mode": "json", "count": 0})
    found = []
    for entry in feed.get("entry", ()):
        acl, content = entry.get("acl") or {}, entry.get("content") or {}
        if acl.get("app") == APP and entry["name"] != "default":
            owner = str(acl.get("owner")) if acl.get("sharing") == "user" else "nobody"
            disabled = str(content.get("disabled") or "").lower() in ("1", "true")
            found.append(SavedSearch(entry["name"], str(content.get("search") or "").strip(), disabled, owner))
    return found


def disable_gone(splunkd: Splunkd, gone: set[str]) -> None:
    """Disable what is left of searches that no longer ship. Raises ResponderError."""
    disable(splunkd, [stanza for stanza in stanzas(splunkd) if stanza.name in gone])


def disable(splunkd: Splunkd, found: Sequence[SavedSearch]) -> None:
    """Disable those that are not, with one line in the log and one message in Splunk Web for all of them.

    One that splunkd refuses to disable is named there, and keeps nothing else from being done. Raises a ResponderError
    when splunkd fails.
    """
    disabled, refused = set[str](), set[str]()
    for stanza in found:
        if not stanza.is_disabled:
            try:
                disabled.update({stanza.name} if _disabled(splunkd, stanza) else ())
            except Rejected as error:
                log.error("%s", error)
                refused.add(stanza.name)
    if not disabled and not refused:
        return
    splunkd.request("POST", "saved/searches/_reload", {"output_mode": "json"}, b"", FORM)
    if disabled:
        log.warning("saved searches of detections that no longer ship were disabled: %s", quoted(_listed(disabled)))
    _show(splunkd, disabled, refused)


def _listed(names: Collection[str], most: int | None = None) -> str:
    found = sorted(names)[:most]
    return "; ".join(found) + (f" and {len(names) - len(found)} more" if len(found) < len(names) else "")


def _show(splunkd: Splunkd, disabled: Collection[str], refused: Collection[str]) -> None:
    said = ["CloudTrail Responder: the update no longer ships some detections of which you changed something."]
    said += [f"Disabled: {_listed(disabled, LISTED)}."] if disabled else []
    said += [f"Could not be disabled, so do that: {_listed(refused, LISTED)}."] if refused else []
    text = " ".join([*said, "Delete them under Settings > Searches, reports, and alerts."])
    body = urlencode({"name": MESSAGE, "value": text, "severity": "warn", "output_mode": "json"}).encode()
    status, data = splunkd.request("POST", "/services/messages", body=body, content_type=FORM)
    if status >= 400:
        log.warning("no message could be shown in Splunk Web: status=%s answer=%s", status, quoted(_text(data)))


def _disabled(splunkd: Splunkd, stanza: SavedSearch) -> bool:
    """Whether it is now; False when somebody has deleted it meanwhile. Raises Rejected when splunkd will not do it."""
    path = f"/servicesNS/{quote(stanza.owner, safe='')}/{APP}/configs/conf-savedsearches/{quote(stanza.name, safe='')}"
    body = urlencode({"disabled": "1", "output_mode": "json"}).encode()
    status, data = splunkd.request("POST", path, body=body, content_type=FORM)
    if status == 404:
        return False
    if status >= 500:
        raise Unavailable(f"The saved search '{stanza.name}' could not be disabled: splunkd answered {status}.")
    if status >= 400:
        raise Rejected(
            f"The saved search '{stanza.name}' could not be disabled: splunkd answered {status} ({_text(data)}).",
            "Disable it under Settings > Searches, reports, and alerts.",
        )
    return True


def _text(answer: bytes) -> str:
    return answer[:200].decode("utf-8", "replace")
