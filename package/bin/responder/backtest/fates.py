"""What people did about the same targets within a day: did it again, or put it right by themselves.

Records come one after the other, in the order of time, and none is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..findings.cloudtrail import CloudTrailRecord
from ..findings.moments import epoch_of
from .plans import REPEATED, REVERTED, STAYED, UNKNOWN, Planned, bare, names_of

DAY = 86_400.0
#: What the app calls itself in records: its sessions, and its user agent.
OURSELVES = "cloudtrail-responder"


class Fates:
    """``ends_at``: when the last record is; what would have come within a day after that, nobody knows."""

    def __init__(self, plans: Iterable[Planned]) -> None:
        self._plans = sorted(plans, key=lambda one: one.at)
        self._by_name: dict[str, list[Planned]] = {}
        for one in self._plans:
            for name in {name for target in one.targets for name in names_of(target)}:
                self._by_name.setdefault(name, []).append(one)
        self._flagged = {event_id for one in self._plans for event_id in one.event_ids}
        self._repeat()

    @property
    def names(self) -> frozenset[str]:
        """All names by which records may be about what is planned."""
        return frozenset(self._by_name)

    def _repeat(self) -> None:
        """Found once more within a day, by people: had it been taken back, they would have done it again."""
        newest: dict[tuple[Any, ...], Planned] = {}
        for one in self._plans:
            before = newest.get(one.key)
            if before is not None and one.at - before.at <= DAY:
                _note(before, REPEATED, one.at, one.user, one.command, one.user_arn == before.user_arn)
            newest[one.key] = one

    def see(self, fields: Mapping[str, Any]) -> None:
        """A record: whether somebody has put right what is planned about, without having been asked."""
        record = CloudTrailRecord(fields)
        if not record.succeeded or record.event_id.lower() in self._flagged or not _is_people(record):
            return
        planned = {id(one): one for name in record.named for one in self._by_name.get(name, ())}
        if not planned:
            return
        at, call = epoch_of(str(fields.get("eventTime") or "")), bare(record.event_name)
        for one in planned.values():
            if not one.at < at <= one.at + DAY or call not in one.calls:
                continue
            if record.account == one.account and one.region in ("", record.region):
                who = _name(record)
                is_same = one.user_arn in record.caller_arns if one.user_arn else who == one.user
                _note(one, REVERTED, at, who, call, is_same)

    def end(self, ends_at: float) -> None:
        for one in self._plans:
            if one.fate == STAYED and one.at + DAY > ends_at:
                one.fate = UNKNOWN


def _note(one: Planned, fate: str, at: float, by: str, call: str, is_same: bool) -> None:
    """The first that happened counts."""
    if one.fate == STAYED or at < one.fate_at:
        one.fate, one.fate_at, one.fate_by, one.fate_call, one.is_same_person = fate, at, by, call, is_same


def _is_people(record: CloudTrailRecord) -> bool:
    """Neither AWS itself nor this app."""
    identity = record.fields.get("userIdentity")
    kind = identity.get("type") if isinstance(identity, Mapping) else None
    invoked = identity.get("invokedBy") if isinstance(identity, Mapping) else None
    ours = OURSELVES in str(record.fields.get("userAgent") or "") or any(
        name.endswith(f"/{OURSELVES}") for name in record.caller_arns
    )
    return kind not in (None, "AWSService") and not invoked and not ours


def _name(record: CloudTrailRecord) -> str:
    names = sorted(record.caller_names) or [name.rpartition("/")[2] for name in sorted(record.caller_arns)]
    return names[0] if names else "unknown"
