"""``detections_change``: switch detections on or off, and add or remove what answers their findings.

Post ``{"detections": [id, ...], "on": true}`` and, or instead, ``"actions": {"responder_create_ticket": true,
"responder_remediate": {"mode": "simulate"}, "responder_notify_slack": false}``: what is not named stays as it is. The
search that keeps a detection's baseline is switched with it. Splunk decides whether whoever asks may: each search is
written with their own rights.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..cases.audit import app_event, identified, send
from ..errors import NotFound, NotPermitted, Rejected, Unavailable, one_line
from ..findings import shipped
from ..handlers.action import actions
from ..health.saved import ACTION
from ..settings.model import MODES
from ..settings.reader import Configuration
from ..splunk import saved_searches
from ..splunk.saved_searches import ACTIONS, WHO, Stands
from .base import Endpoint, Request
from .detections import REMEDIATE, of_the_app

#: Detections in one request.
MOST = 1_000
_ON = {True: {"disabled": "0", "is_scheduled": "1"}, False: {"disabled": "1"}}
MODE = f"action.{REMEDIATE}.param.mode"


@dataclass(frozen=True)
class Refusal:
    detection: str
    why: str


@dataclass
class DetectionsChanged:
    #: IDs of detections that are as it was asked for: changed now, or so before.
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True)
class Change:
    """``on``: None to leave it as it is. ``added``: an action, and its mode ("" for none)."""

    on: bool | None
    added: Mapping[str, str]
    removed: Sequence[str]

    def settings(self, stands: Stands, is_baseline: bool) -> dict[str, str]:
        """What has to be set, of what there is."""
        found = dict(_ON[self.on]) if self.on is not None else {}
        if not is_baseline and (self.added or self.removed):
            kept = {*stands.actions, *self.added} - set(self.removed)
            found[ACTIONS] = ",".join(sorted(kept))
            if REMEDIATE in self.added:
                found[MODE] = self.added[REMEDIATE]
        return found


def answer(request: Request) -> Mapping[str, Any]:
    """``DetectionsChanged``. Raises NotPermitted where whoever asks may change none: then nothing was."""
    change, known = _wanted(request.body), shipped.detections()
    named = list(dict.fromkeys(request.texts("detections", MOST)))
    unknown = [one for one in named if one not in known]
    if unknown or not named:
        raise Rejected(f"There is no detection '{one_line(unknown[0])[:60]}'." if unknown else "No detection is named.")
    if not saved_searches.may_write(request.own, of_the_app(request.splunkd)):
        raise NotPermitted("Splunk does not let you change detections.", WHO)
    audit_index, made = Configuration(request.splunkd).audit_index, DetectionsChanged()
    for name in named:
        try:
            done = [_change(request, one, change, name, audit_index) for one in known[name].search_names]
        except (NotPermitted, NotFound, Rejected, Unavailable) as error:
            made.refused.append(Refusal(name, str(error)))
        else:
            (made.changed if any(done) else made.unchanged).append(name)
    return dataclasses.asdict(made)


def _change(request: Request, search: str, change: Change, detection: str, audit_index: str) -> bool:
    """Whether something had to be changed. Raises a ResponderError."""
    is_baseline = search != shipped.detections()[detection].search_name
    stands = saved_searches.to_change(request.own, request.splunkd, search)
    wanted = change.settings(stands, is_baseline)
    before = stands.of(wanted)
    differs = {name: value for name, value in wanted.items() if saved_searches.canonical(name, value) != before[name]}
    if not differs:
        return False
    now = request.splunkd.now()
    event = app_event(
        "detection_changed",
        now,
        request.caller.user,
        search_name=search,
        signature_id=detection,
        before={name: before[name] for name in differs},
        after=differs,
    )
    # The audit knows of it before, or it is not done.
    send(request.splunkd, [identified(event, "detection_changed", search, f"{now}", request.caller.user)], audit_index)
    saved_searches.write(request.own, search, differs)
    return True


def _wanted(body: Mapping[str, Any]) -> Change:
    """Raises Rejected."""
    on, given = body.get("on"), body.get("actions") or {}
    if on is not None and not isinstance(on, bool):
        raise Rejected("on is neither true nor false.")
    if not isinstance(given, Mapping) or not set(given) <= {ACTION + name for name in actions()}:
        raise Rejected("actions is not an object of the app's alert actions.")
    added, removed = {}, []
    for name, value in given.items():
        if value is False:
            removed.append(name)
        elif value is True:
            added[name] = ""
        elif name == REMEDIATE and isinstance(value, Mapping) and value.get("mode") in ("", *MODES):
            added[name] = str(value["mode"])
        else:
            raise Rejected(f"{name} is neither true nor false, nor a mode where it has one.")
    if on is None and not added and not removed:
        raise Rejected("Nothing is to be changed.")
    return Change(on, added, removed)


ENDPOINT = Endpoint("detections_change", "cloudtrail_responder_view", answer, DetectionsChanged)
