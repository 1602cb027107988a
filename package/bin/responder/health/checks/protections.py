"""Which entries of the lookup ``responder_protected`` cannot be read, end soon, or have ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timezone

from ...settings import protections
from ...settings.protections import LOOKUP, Protection
from ...splunk.client import Splunkd
from ..line import AMBER, RED, Check, Line, green, name
from ..notice import Notice
from ..surroundings import Surroundings

DAY = 86_400.0
_LOOK = f"Correct or delete it in the lookup {LOOKUP} (page Lists)."
_PROLONG = f"Set a later time in the lookup {LOOKUP}, or delete the entry."


def notices(splunkd: Splunkd, warning_days: int, now: float) -> Iterator[Notice]:
    """What is worst first. One that ended long ago is no news any more. Raises what reading the lookup raises."""
    found, wrong = protections.parse_all(protections.entries(splunkd))
    for error in wrong:
        yield Notice(RED, "protection_unreadable", error.message, _LOOK)
    for entry in sorted(found, key=lambda entry: (entry.expires, entry.kind, entry.pattern)):
        fields = {"protected": name(entry.pattern), "protection_owner": name(entry.owner) if entry.owner else ""}
        if entry.problem:
            yield Notice(AMBER, "protection_unreadable", f"Of {_of(entry)} {entry.problem}.", _LOOK, fields)
        elif entry.has_expired(now):
            if entry.expires > now - warning_days * DAY:
                what = f"The protection of {_of(entry)} has ended on {_day(entry)}: it protects nothing any more."
                yield Notice(AMBER, "protection_ended", what, _PROLONG, fields)
        elif 0 < entry.expires <= now + warning_days * DAY:
            what = f"The protection of {_of(entry)} ends on {_day(entry)}."
            yield Notice(AMBER, "protection_ends", what, _PROLONG, fields)


def _of(entry: Protection) -> str:
    owner = f" (owner: {name(entry.owner)})" if entry.owner else ""
    return f"{entry.kind} {name(entry.pattern)}{owner}"


def _day(entry: Protection) -> str:
    return datetime.fromtimestamp(min(entry.expires, 32_503_680_000), timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def look(about: Surroundings) -> Iterable[Line]:
    now = about.splunkd.now()
    for notice in notices(about.splunkd, about.config.safety.protection_warning_days, now):
        yield Line(notice.level, notice.what, notice.to_do)
    found, wrong = protections.parse_all(protections.entries(about.splunkd))
    counting = [entry for entry in found if not entry.has_expired(now)]
    for entry in counting:
        if not (entry.reason and entry.owner):
            what = f"The protection of {_of(entry)} has no {'owner' if entry.reason else 'reason'}."
            yield Line(AMBER, what, "Add it, so that somebody can say later whether it is still needed.")
    if not wrong:
        yield green(f"{len(counting)} entries of the lookup {LOOKUP} protect what they name.")


CHECK = Check("Protections", 19, look)
