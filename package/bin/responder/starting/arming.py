"""Switches on what was chosen, with the rights of whoever clicks; and takes all of it back.

Each search is read, the change is written down, made, seen in Splunk's answer, and written down as made. A run that was
stopped between two of these finds out by reading what has come of it. What somebody else has changed since is left
alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..cases.audit import app_event, identified, send
from ..errors import NotDone, NotFound, NotPermitted, Rejected
from ..findings import shipped
from ..settings import lists
from ..splunk import saved_searches as searches
from ..splunk.client import Splunkd
from .choice import Choice, pack_of
from .ledger import DOING, DONE, ENTRY, LEFT, SEARCH, UNDOING, UNDONE, Change, Ledger, differing

#: What a search needs to run by its schedule.
_ON = {"disabled": "0", "is_scheduled": "1"}
_SINCE = "It was changed since by somebody else ({}), and is left as it is."


@dataclass(frozen=True)
class Wanted:
    """A search that is to be on: with these actions of ours, besides those that it has."""

    name: str
    actions: Mapping[str, Mapping[str, str]]

    def settings(self, actions: Sequence[str]) -> dict[str, str]:
        """``actions``: those that it had before."""
        found = dict(_ON)
        if self.actions:
            found[searches.ACTIONS] = ",".join(sorted({*actions, *self.actions}))
        for action, parameters in self.actions.items():
            found.update({f"action.{action}.param.{name}": value for name, value in parameters.items()})
        return found


def wanted(choice: Choice) -> list[Wanted]:
    """What has to be on for the pack that is chosen: baselines, too, or their detections stay quiet."""
    known = shipped.detections()
    found = {}
    for one in pack_of(choice.pack).detections:
        detection = known[one]
        found[detection.search_name] = Wanted(detection.search_name, choice.actions(detection.severity))
        if detection.baseline_name:
            found[detection.baseline_name] = Wanted(detection.baseline_name, {})
    return [found[name] for name in sorted(found)]


@dataclass
class Hand:
    """Who changes what, with which rights.

    ``own``: with those of whoever clicks; ``splunkd``: with the system's, for the ledger, the audit and lists.
    """

    own: Splunkd
    splunkd: Splunkd
    ledger: Ledger
    by: str
    audit_index: str
    #: Whether nothing more is to be begun.
    is_over: Callable[[], bool] = lambda: False

    def arm(self, some: Sequence[Wanted]) -> int:
        """How many are left for the next run. Raises a ResponderError: what was done until then stays."""
        for number, one in enumerate(some):
            if self.is_over():
                return len(some) - number
            self._arm(one)
        return 0

    def undo(self) -> int:
        """Take back all that counts; how many are left for the next run. Raises as ``arm``."""
        changes = [change for change in self.ledger.changes() if change.counts]
        for number, change in enumerate(changes):
            if self.is_over():
                return len(changes) - number
            if change.kind == SEARCH:
                self._disarm(change)
            else:
                self._remove(change)
        return 0

    # -- saved searches ------------------------------------------------------------------------------------------

    def _arm(self, one: Wanted) -> None:
        stands = searches.to_change(self.own, self.splunkd, one.name)
        new = Change(SEARCH, one.name, {}, {}, {}, DOING, self.by, 0.0)
        known = self.ledger.get(new)
        if known is None or known.state == UNDONE or _is_undone(known, stands):
            after = one.settings(stands.actions)
            before = stands.of(after)
            if before != after:
                self._make(new, None, before=before, after=after, was=before)
            return
        # Those that it had before ours: none of ours stood there where the ledger does not name them.
        had = known.before.get(searches.ACTIONS)
        after = one.settings(stands.actions if had is None else searches.words(str(had)))
        # What the response no longer has is as it was before.
        after = {**{name: str(value) for name, value in known.before.items() if name not in after}, **after}
        now = stands.of(after)
        ours = now == after or stands.of(known.after) == known.after
        if not ours and not _was_not_made(known, stands):
            self._leave(known, differing(stands.of(known.after), known.after))
        elif now == after:
            if known.state != DONE or known.after != after:
                self.ledger.save(known, after=after, before={**now, **known.before}, state=DONE, note="")
        else:
            self._make(known, known, before={**now, **known.before}, after=after, was=now)

    def _make(self, change: Change, stood: Change | None, **values: Mapping[str, str]) -> None:
        """``stood``: what the ledger has of it, which stands again where it turns out that nothing was done."""
        sent = self.ledger.save(change, state=DOING, note="", **values)
        self._audit("detection_armed", sent, sent.was, sent.after)
        try:
            searches.write(self.own, sent.name, _new(sent.was, sent.after))
        except (NotPermitted, Rejected, NotFound):
            if stood is None:
                self.ledger.forget(sent)
            else:
                self.ledger.save(stood)
            raise
        self.ledger.save(sent, state=DONE)

    def _disarm(self, change: Change) -> None:
        try:
            stands = searches.to_change(self.own, self.splunkd, change.name)
        except NotFound as gone:
            self.ledger.save(change, state=LEFT, note=gone.message)
            return
        if stands.of(change.before) == change.before:
            self.ledger.save(change, state=UNDONE, note="")
            return
        now = stands.of(change.after)
        if now != change.after and not _was_not_made(change, stands):
            self._leave(change, differing(now, change.after))
            return
        # Also where the newest change was not made: what stands there is ours to a further run, too.
        sent = self.ledger.save(change, state=UNDOING, after=now)
        self._audit("detection_disarmed", sent, sent.after, sent.before)
        searches.write(self.own, sent.name, _new(stands.of(sent.before), sent.before))
        self.ledger.save(sent, state=UNDONE, note="")

    def _leave(self, change: Change, names: Sequence[str]) -> None:
        if change.state != LEFT:
            self.ledger.save(change, state=LEFT, note=_SINCE.format(", ".join(names)[:300]))

    def _audit(self, step: str, change: Change, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """The audit knows of it before, or it is not done."""
        names = differing(before, after)
        shown = {"before": {name: before.get(name, "") for name in names}}
        shown["after"] = {name: after.get(name, "") for name in names}
        now = self.splunkd.now()
        event = app_event(step, now, self.by, search_name=change.name, **shown)
        send(self.splunkd, [identified(event, step, change.name, f"{now}", self.by)], self.audit_index)

    # -- entries of lists ----------------------------------------------------------------------------------------

    def accept(self, lookup: str, given: Mapping[str, str]) -> bool:
        """Add an entry to a list; False where it is there already. Raises Rejected for what cannot be one."""
        one = lists.of(lookup)
        entry = lists.checked(one, given)
        value = str(entry[one.columns[0].name])
        if self._listed(lookup, one.columns[0].name, value):
            return False
        change = Change(ENTRY, f"{lookup}/{value}", {}, entry, {}, DOING, self.by, 0.0)
        if self.splunkd.fetch(lookup, _key(change)) is not None:
            raise NotDone(
                f"'{value}' was not added: the entry that was accepted for it has another value now.",
                "Add it in Exceptions and lists.",
            )
        sent = self.ledger.save(change)
        self._audit_entry("list_entry_added", sent, None, entry)
        self.splunkd.insert(lookup, {"_key": _key(sent), **entry})
        self.ledger.save(sent, state=DONE)
        return True

    def _listed(self, lookup: str, column: str, value: str) -> bool:
        entries = self.splunkd.find(lookup, {"_key": {"$gt": ""}}, fields=column)
        return any(str(entry.get(column) or "").lower() == value.lower() for entry in entries)

    def _remove(self, change: Change) -> None:
        lookup = change.name.partition("/")[0]
        stored = self.splunkd.fetch(lookup, _key(change))
        stands = {name: value for name, value in (stored or {}).items() if not name.startswith("_")}
        if stored is None:
            self.ledger.save(change, state=UNDONE)
        elif stands != change.after:
            self._leave(change, differing(stands, change.after))
        else:
            sent = self.ledger.save(change, state=UNDOING)
            self._audit_entry("list_entry_deleted", sent, stands, None)
            self.splunkd.delete_where(lookup, {"_key": _key(sent)})
            self.ledger.save(sent, state=UNDONE)

    def _audit_entry(self, step: str, change: Change, before: Any, after: Any) -> None:
        lookup = change.name.partition("/")[0]
        key, now = _key(change), self.splunkd.now()
        event = app_event(step, now, self.by, list=lookup, key=key, before=before, after=after)
        send(self.splunkd, [identified(event, step, change.name, f"{now}", self.by)], self.audit_index)


def _key(change: Change) -> str:
    """Of an entry: the same for the same value, so that two clicks make one."""
    return f"start_{change.key.partition(':')[2]}"


def _is_undone(change: Change, stands: searches.Stands) -> bool:
    """Whether an undo that was stopped has been made."""
    return change.state == UNDOING and stands.of(change.before) == change.before


def _was_not_made(change: Change, stands: searches.Stands) -> bool:
    """Whether the newest change was stopped before it was made."""
    return change.state == DOING and stands.of(change.was) == change.was


def _new(stands: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, str]:
    """What has to be set: nothing is written that is so already."""
    return {name: str(wanted[name]) for name in wanted if stands.get(name) != wanted[name]}
