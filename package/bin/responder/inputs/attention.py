"""Says what waits for a person: a bulletin message in Splunk Web for each service, and one in the operations channel.

Once an hour, and every ten minutes while this search head's round comes upon such tasks: whoever inserts the mark of
that time looks. What people were notified of is kept in one mark, which the worker reads together with the breakers, so
a round that has nothing to do sends no request. The message in Slack is folded: at most once an hour, when there is
something new, or a day after the last one. It is written into the mark first and recorded from there; whoever looks
next records what a process that was stopped in between has left.

    responder_marks/attention    value: see ``_State``; at: when it was looked last
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..cases.outages import ATTENTION, MARKS
from ..cases.states import State, WaitingFor
from ..cases.store import TaskStore
from ..engine.failures import TO_DO, Failures, Group, groups
from ..engine.report import TaskReport
from ..engine.services import Services
from ..errors import ResponderError
from ..handlers import operations
from ..json_limits import bounded_json
from ..settings.reader import Configuration
from ..splunk import bulletin
from ..splunk.client import Splunkd

log = logging.getLogger("cloudtrail_responder")

CLAIM, HOUR, SOON, DAY = "attention_time", 3600.0, 600.0, 86_400.0
#: Services and reasons in a message, and characters of what a task says.
MOST, LONGEST = 20, 500


def look_when_due(
    splunkd: Splunkd, services: Services, config: Configuration, reports: Iterable[TaskReport], now: float
) -> list[str]:
    """Keys of messages that were recorded. ``reports``: of this round. Raises nothing: the worker has better to do."""
    mark = next((one for one in services.paces.beside if one.get("_key") == ATTENTION), None)
    pause = SOON if any(map(_is_a_persons, reports)) else HOUR
    if mark is not None and 0 <= now - float(mark.get("at") or 0) < pause:
        return []
    try:
        if not splunkd.insert(MARKS, {"_key": f"{CLAIM}:{int(now // SOON)}", "value": CLAIM, "at": now}):
            return []
        splunkd.delete_where(MARKS, {"at": {"$lt": now - DAY}, "value": CLAIM})
        # As it stands now: another search head may have looked since it was read.
        return _Look(splunkd, config, now, _read(splunkd.fetch(MARKS, ATTENTION))).run()
    except ResponderError as error:
        log.error("What waits for a person was not looked at: %s", error)
        return []


def _is_a_persons(report: TaskReport) -> bool:
    if report.kind == operations.KIND:
        return False
    return report.waiting_for == WaitingFor.PERSON.value or report.state == State.FAILED.value


@dataclass
class _State:
    """What people have been notified of."""

    #: By bulletin message: a digest of what it says.
    bulletins: dict[str, str] = field(default_factory=dict)
    #: By service and reason: how many there were, and what the newest is known by.
    groups: dict[str, list[float]] = field(default_factory=dict)
    #: When the last message in Slack was decided on, in epoch seconds, and what it says.
    notified_at: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)


class _Look:
    def __init__(self, splunkd: Splunkd, config: Configuration, now: float, state: _State) -> None:
        self._splunkd = splunkd
        self._config = config
        self._now = now
        self._state = state

    def run(self) -> list[str]:
        recorded = self._record() if 0 <= self._now - self._state.notified_at < DAY else []
        failures = Failures(self._splunkd, self._config, self._now)
        found = groups(failures.read(), self._config, failures.is_cut)
        self._show(found)
        is_new = self._notify(found)
        self._save(self._now)
        log.info("waiting for a person: groups=%s tasks=%s", len(found), sum(group.count for group in found))
        return [*recorded, *(self._record() if is_new else [])]

    def _save(self, at: float) -> None:
        self._splunkd.save_many(MARKS, [{"_key": ATTENTION, "value": json.dumps(asdict(self._state)), "at": at}])

    # -- Splunk Web ----------------------------------------------------------------------------------------------------

    def _show(self, found: Sequence[Group]) -> None:
        """A message for each service, anew only where it says something else: it may have been read and removed."""
        texts = {_bulletin(service): _text(found, service) for service in dict.fromkeys(g.service for g in found)}
        digests = {name: hashlib.sha256(text.encode()).hexdigest()[:16] for name, text in texts.items()}
        changed = [name for name, digest in digests.items() if self._state.bulletins.get(name) != digest]
        if changed:
            # Written down first, and the next look is soon: what is posted is removed whoever stops in between.
            self._state.bulletins.update(dict.fromkeys(changed, ""))
            self._save(self._now - HOUR)
        for name in changed:
            bulletin.post(self._splunkd, name, texts[name])
            self._state.bulletins[name] = digests[name]
        for name in self._state.bulletins.keys() - texts.keys():
            bulletin.remove(self._splunkd, name)
            del self._state.bulletins[name]

    # -- Slack ---------------------------------------------------------------------------------------------------------

    def _notify(self, found: Sequence[Group]) -> bool:
        """Whether there is a new message to be recorded."""
        known, stand = self._state.groups, {_name(group): [group.count, group.newest] for group in found}
        for name in list(known):
            # What is there no more is new when it comes again, and so is what grows after it has shrunk.
            if name not in stand:
                del known[name]
            else:
                known[name][0] = min(known[name][0], stand[name][0])
        is_news = any(name not in known or _is_more(now, known[name]) for name, now in stand.items())
        since = self._now - self._state.notified_at
        # A time that is still to come was never: a clock was wrong.
        since = DAY if since < 0 else since
        if not stand or not (is_news and since >= HOUR or since >= DAY):
            return False
        if operations.channel_of(self._config, is_outage=False) is None:
            return False
        self._state.groups, self._state.notified_at = stand, self._now
        self._state.facts = {"at": self._now, "groups": [_waiting(group) for group in found[:MOST]]}
        return True

    def _record(self) -> list[str]:
        """The last message, if nobody has recorded it yet."""
        channel = operations.channel_of(self._config, is_outage=False)
        if channel is None or not self._state.facts:
            return []
        day, stage = f"attention|{int(self._state.notified_at // DAY)}", f"{self._state.notified_at:.3f}"
        message = operations.message(operations.ATTENTION, day, stage, self._state.facts, channel)
        return [message.key] if TaskStore(self._splunkd, lambda: self._now).record(message) else []


def _is_more(now: Sequence[float], before: Sequence[float]) -> bool:
    return now[0] > before[0] or now[1] > before[1]


def _name(group: Group) -> str:
    return f"{group.service}|{group.reason}"


def _bulletin(service: str) -> str:
    return f"cloudtrail_responder_failures_{hashlib.sha256(service.encode()).hexdigest()[:12]}"


def _text(found: Sequence[Group], service: str) -> str:
    """Nothing in it is of an event."""
    own = [group for group in found if group.service == service]
    sentences = (f"{group.sentence} {TO_DO[group.reason]}; to try them again: {group.retry}." for group in own)
    return f"CloudTrail Responder: {' '.join(sentences)}"


def _waiting(group: Group) -> Mapping[str, Any]:
    """The fields of ``documents.operations.Waiting``."""
    return {
        "service": group.name,
        "reason": group.predicate,
        "count": group.counted,
        "since": group.oldest,
        "message": group.message[:LONGEST],
        "retry": group.retry,
    }


def _read(mark: Mapping[str, Any] | None) -> _State:
    try:
        stored = bounded_json(str((mark or {}).get("value") or "{}"))
        known = stored.pop("groups", {}).items()
        by_name = {str(name): [float(count), float(newest)] for name, (count, newest) in known}
        bulletins = {str(name): str(digest) for name, digest in stored.pop("bulletins", {}).items()}
        return _State(bulletins, by_name, float(stored.pop("notified_at", 0)), dict(stored.pop("facts", {})))
    except (ValueError, TypeError, AttributeError):
        # Somebody else wrote it: then people are notified again.
        log.error("mark=%s is damaged and has no effect", ATTENTION)
        return _State()
