"""Is the worker alive on each search head?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...errors import ResponderError
from .. import heartbeats
from ..heartbeats import Heartbeat
from ..line import Check, Line, amber, green, name, red, span
from ..surroundings import Surroundings

#: Intervals without a mark after which a worker counts as dead, and seconds that it gets at least.
MISSED, LEAST = 4, 180.0
#: Seconds after which a member that is gone is no longer told of.
FORGOTTEN = 2 * 86_400.0
HOW_TO_START = (
    "Inputs page: enable the worker 'main'. Then see cloudtrail_responder_worker.log and splunkd.log (ExecProcessor)."
)


def look(about: Surroundings) -> Iterable[Line]:
    now, members = about.splunkd.now(), _members(about)
    beats = {beat.guid: beat for beat in heartbeats.read(about.splunkd)}
    for guid, label in members.items():
        if guid not in beats:
            yield red(f"The worker has never run on search head {name(label)}.", HOW_TO_START)
    for guid, beat in beats.items():
        if guid in members or now - max(beat.began, beat.ended) < FORGOTTEN:
            yield _line(beat, now, guid in members)


def _line(beat: Heartbeat, now: float, is_member: bool) -> Line:
    server, silent = name(beat.server), now - max(beat.began, beat.ended)
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


CHECK = Check("Worker", 22, look)
