"""Saved searches of detections that no longer ship: what people have changed of them stays in ``local`` and breaks.

Splunk merges ``local/savedsearches.conf`` over what the app ships. When a detection is removed or renamed, its stanza
in ``local`` (its schedule, its actions) remains without a search, or with one whose macros are gone, and fails at each
run. It is disabled, never deleted: its actions may be wanted for what has taken its place.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from ..errors import NotFound, Rejected
from ..log_values import quoted
from ..splunk.client import APP, Splunkd, message_of
from . import stanzas

log = logging.getLogger("cloudtrail_responder")

#: Name of the bulletin message, and how many names it lists.
MESSAGE, LISTED = "cloudtrail_responder_retired_searches", 10


@dataclass(frozen=True)
class SavedSearch:
    """A stanza of savedsearches.conf in the app, merged."""

    name: str
    search: str
    is_disabled: bool
    #: Whose private stanza it is; "nobody" for what is shared.
    owner: str = "nobody"


def present(splunkd: Splunkd) -> list[SavedSearch]:
    """Those in the app, of all users, even without a search."""
    feed = splunkd.get_json(f"/servicesNS/-/{APP}/{stanzas.PATH}", {**stanzas.JSON, "count": 0})
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
    disable(splunkd, [stanza for stanza in present(splunkd) if stanza.name in gone])


def disable(splunkd: Splunkd, found: Sequence[SavedSearch]) -> None:
    """Disable those that are not, with one line in the log and one message in Splunk Web for all of them.

    One that splunkd refuses to disable is named there, and keeps nothing else from being done. Raises a ResponderError
    when splunkd fails.
    """
    names, due = {stanza.name for stanza in found}, [stanza for stanza in found if not stanza.is_disabled]
    if not due:
        return
    # First, and of all: a run that is stopped from here on is run again, and cannot tell which of them it disabled.
    _show(splunkd, names, ())
    disabled, refused = set[str](), set[str]()
    for stanza in due:
        try:
            _disable(splunkd, stanza)
            disabled.add(stanza.name)
        except NotFound:
            # Somebody has deleted it meanwhile.
            continue
        except Rejected as error:
            log.error("%s", error)
            refused.add(stanza.name)
    stanzas.reload(splunkd)
    if disabled:
        log.warning("saved searches of detections that no longer ship were disabled: %s", quoted(_listed(disabled)))
    if refused:
        _show(splunkd, names - refused, refused)


def _listed(names: Collection[str], most: int | None = None) -> str:
    found = sorted(names)[:most]
    return "; ".join(found) + (f" and {len(names) - len(found)} more" if len(found) < len(names) else "")


def _show(splunkd: Splunkd, disabled: Collection[str], refused: Collection[str]) -> None:
    said = ["CloudTrail Responder: the update no longer ships some detections of which you changed something."]
    said += [f"Disabled: {_listed(disabled, LISTED)}."] if disabled else []
    said += [f"Could not be disabled, so do that: {_listed(refused, LISTED)}."] if refused else []
    text = " ".join([*said, "Delete them under Settings > Searches, reports, and alerts."])
    body = urlencode({"name": MESSAGE, "value": text, "severity": "warn", **stanzas.JSON}).encode()
    status, data = splunkd.request("POST", "/services/messages", body=body, content_type=stanzas.FORM)
    if status >= 400:
        log.warning("no message could be shown in Splunk Web: status=%s answer=%s", status, quoted(message_of(data)))


def _disable(splunkd: Splunkd, stanza: SavedSearch) -> None:
    failure, remedy = f"The saved search '{stanza.name}' could not be disabled", f"Disable it {stanzas.WHERE}."
    values = {"disabled": "1"}
    stanzas.ask(splunkd, "POST", stanza.name, values, owner=stanza.owner, failure=failure, remedy=remedy)
