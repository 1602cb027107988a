"""The search heads, and when the worker of each was last seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import ResponderError
from . import heartbeats
from .heartbeats import Heartbeat
from .line import Line, amber, green, name, red, span
from .surroundings import Surroundings

#: Intervals without a mark after which a worker counts as dead, and seconds that it gets at least.
MISSED, LEAST = 4, 180.0
#: Seconds after which a member that is gone is no longer reported.
FORGOTTEN = 2 * 86_400.0
HOW_TO_START = (
    "Inputs page: enable the worker 'main'. Then see cloudtrail_responder_worker.log and splunkd.log (ExecProcessor)."
)


@dataclass(frozen=True)
class Member:
    #: A text that cannot be markup.
    server: str
    #: Epoch seconds; 0 where its worker has never run.
    seen_at: float
    line: Line


def every(about: Surroundings) -> list[Member]:
    """Those of now, and those that were here within two days. Read once. Raises a ResponderError."""
    return about.once("members", lambda: _read(about))


def _read(about: Surroundings) -> list[Member]:
    now, members = about.splunkd.now(), _members(about)
    beats = {beat.guid: beat for beat in heartbeats.read(about.splunkd)}
    found = [
        Member(name(label), 0.0, red(f"The worker has never run on search head {name(label)}.", HOW_TO_START))
        for guid, label in members.items()
        if guid not in beats
    ]
    for guid, beat in beats.items():
        seen_at = max(beat.began, beat.ended)
        if guid in members or now - seen_at < FORGOTTEN:
            found.append(Member(name(beat.server), seen_at, _line(beat, now - seen_at, guid in members)))
    return found


def _line(beat: Heartbeat, silent: float, is_member: bool) -> Line:
    server = name(beat.server)
    if silent > max(MISSED * beat.interval, LEAST):
        if not is_member:
            return amber(f"The worker of {server}, which is no search head here now, was last seen {span(silent)} ago.")
        return red(f"The worker of search head {server} was last seen {span(silent)} ago.", HOW_TO_START)
    if beat.error:
        return red(f"The worker of search head {server} runs, but its last round failed: {beat.error}", "See its log.")
    return green(f"The worker of search head {server} was seen {span(silent)} ago.")


def _members(about: Surroundings) -> Mapping[str, str]:
    """guid -> label of the members of the search head cluster, or of this search head alone."""
    try:
        feed = about.splunkd.get_json("/services/shcluster/member/members", {"output_mode": "json", "count": 0})
        return {str(entry["name"]): str(entry["content"].get("label") or entry["name"]) for entry in feed["entry"]}
    except (ResponderError, KeyError, TypeError):
        # No cluster: splunkd answers 503.
        info = about.entry("/services/server/info") or {}
        return {str(info.get("guid")): str(info.get("serverName"))}
