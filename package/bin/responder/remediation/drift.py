"""Whether what a write of ours has changed still is as we left it; where it is not, what it is now, and by whom.

By whom is said where CloudTrail's event history has it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..aws import history
from ..errors import Unavailable
from .acting import Acting
from .evidence import Entry
from .model import Observation
from .verdicts import utc

#: Seconds around a write of ours within which CloudTrail's record of it lies, whosever clock is right.
NEAR = 300.0
#: Seconds within which AWS may still show the state before a write that it has answered.
LATE = 300.0


class Drift:
    def __init__(self, acting: Acting, newer: Callable[[Entry], str], clock: Callable[[], float]) -> None:
        """``newer``: see ``newer_changes``."""
        self._acting = acting
        self._newer = newer
        self._clock = clock

    def conflict(self, entry: Entry, seen: Observation, now: Any) -> str:
        """Why a person has to decide whether it is taken back; empty where nobody has to. ``now``: the value."""
        aspect = entry.intended.step.aspect
        state = self._acting.playbook.describe(seen.resource, seen.state, [aspect])
        if entry.intended.resource.is_another(seen.resource):
            return f"it was deleted, and somebody has made another one of its name since: {state}"
        if not self._acting.playbook.of(entry.intended.resource).stands(aspect, entry.expected, now):
            return f"it was changed after the remediation{self._by_whom(entry)}: {state}"
        newer = self._newer(entry)
        if newer:
            return f"{newer}: {state}"
        by = self._deleted_by(entry)
        if by:
            return f"it was deleted since ({by}), and somebody has made another one of its name: {state}"
        if entry.is_unknown and not self._was_us(entry):
            return f"it is not known whether this app or somebody else changed it: {state}"
        return ""

    def _was_us(self, entry: Entry) -> bool:
        """Whether CloudTrail's event history has the call, by us, at the time."""
        intended = entry.intended
        resource, since = intended.resource, intended.at - NEAR
        return any(
            history.is_call(event, intended.step.call.operation)
            and self._acting.was_us(event.user)
            and not event.error
            and event.time <= intended.at + NEAR
            for event in history.changes(self._acting.aws, resource.id, resource.region, since) or ()
        )

    def _deleted_by(self, entry: Entry) -> str:
        """Who has deleted since what AWS does not tell from another one of its name; empty where nobody has, as known.

        What is there now was made anew, then.
        """
        deleted_by = self._acting.playbook.of(entry.intended.resource).deleted_by
        deletions = [event for event in self._by_others(entry) if event.name in deleted_by] if deleted_by else []
        return _told(deletions[-1:])

    def _by_whom(self, entry: Entry) -> str:
        others = self._by_others(entry)
        return f" by {_told(others[-3:])}" if others else " (by whom is not known)"

    def _by_others(self, entry: Entry) -> list[history.Event]:
        """What others have called on the resource since the write, as far as CloudTrail's event history tells."""
        resource, since = entry.intended.resource, entry.done.at if entry.done else entry.intended.at
        events = history.changes(self._acting.aws, resource.id, resource.region, since) or ()
        return [event for event in events if event.user and not event.error and not self._acting.was_us(event.user)]

    def refuse_unseen(self, entry: Entry) -> None:
        """Raises Unavailable where AWS may not show yet what we have done: it looks as it was, and is not."""
        was_seen = entry.left is not None and entry.left.ok
        if entry.is_ours and not was_seen and entry.done and self._clock() - entry.done.at < LATE:
            raise Unavailable(
                f"AWS does not show yet that {entry.intended.step.aspect} of {entry.intended.resource.id} was changed.",
                "It is read again before it is taken back.",
            )


def _told(events: Sequence[history.Event]) -> str:
    return ", ".join(f"{event.user} ({event.name}, {utc(event.time)})" for event in events)
