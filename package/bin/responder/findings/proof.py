"""Proof: before anything is enforced, a finding's own CloudTrail records are read again, with system rights.

A finding comes from a search that its owner wrote; what he may see and compute, he may also make up. Proof shows that
the events exist in the index that only administrators choose (the macro ``cloudtrail_index``), and that they are about
the account, region, principal, resource and claims that the finding gives. It does not show that they are bad: that is
what the detection says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Union

from ..errors import one_line
from ..splunk.client import Splunkd
from . import shapes
from .claims import Claim
from .cloudtrail import CloudTrailRecord
from .finding import Finding
from .record_search import BATCH, DAY, is_event_id, records_of

#: Seconds that are searched at most, and before now for a finding that gives no times.
LONGEST_SPAN, WITHOUT_TIMES = 32 * DAY, 7 * DAY


@dataclass(frozen=True)
class Proved:
    """Every record was found and agrees with the finding."""

    records: int
    #: When the first of them was indexed, in epoch seconds; 0 where Splunk does not say so.
    indexed_at: float = field(default=0.0, compare=False)

    @property
    def message(self) -> str:
        return f"Proved by {self.records} CloudTrail records."


@dataclass(frozen=True)
class Contradicted:
    """The records say otherwise. Such a finding is never acted upon."""

    #: What of the finding they contradict, in words.
    what: str
    claimed: str
    #: What the records have instead; some of it, if it is much.
    in_records: tuple[str, ...]

    @property
    def message(self) -> str:
        others = ", ".join(_short(value) for value in self.in_records) or "nothing of the kind"
        return f"The finding's {_short(self.what)} is {_short(self.claimed)}, but its CloudTrail records have {others}."


@dataclass(frozen=True)
class Missing:
    """Records that are not in the index, or not yet: CloudTrail delivers late. One that is cut off is not found."""

    event_ids: tuple[str, ...]
    #: Shapes of events that mention them, which are not read.
    unread: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        missing = f"Not in the CloudTrail index: {_some(self.event_ids)}."
        if not self.unread:
            return missing
        return f"{missing} They stand in {' and '.join(self.unread)}, which the macro cloudtrail_shapes does not read."


@dataclass(frozen=True)
class Unprovable:
    """The finding or its records cannot be compared, now or later. A person has to decide."""

    #: One sentence.
    reason: str

    @property
    def message(self) -> str:
        return one_line(self.reason)


Proof = Union[Proved, Contradicted, Missing, Unprovable]


def prove(splunkd: Splunkd, finding: Finding, now: float, claims: Sequence[Claim] = ()) -> Proof:
    """Compare a finding with its records. ``now`` is in epoch seconds; ``claims`` are those of the playbook.

    One search for each ``BATCH`` event ids, and one for several findings that are proved at the same moment. Raises
    what ``search`` raises, so that a search that did not work is never taken for records that are missing.
    """
    reason = _unprovable(finding)
    if reason:
        return Unprovable(reason)
    wanted = list(dict.fromkeys(event_id.lower() for event_id in finding.event_ids))
    #: What counts more comes later: rebuilt, and what amends it; the record itself, and what amends it.
    kinds: tuple[dict[str, CloudTrailRecord], ...] = ({}, {}, {}, {})
    #: Event ids of which there are two of a kind, and whether they are records themselves.
    differing: set[tuple[str, bool]] = set()
    unreadable: dict[str, str] = {}
    unread: dict[str, None] = {}
    indexed: list[float] = []
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        for result in records_of(splunkd, batch, *window(finding, now)):
            event_id = str(result.get("proved_id")).lower()
            if result.get("proved_unread"):
                unread[shapes.words(str(result["proved_unread"]))] = None
                continue
            try:
                record = CloudTrailRecord.parse(str(result.get("_raw")))
            except ValueError as error:
                unreadable[event_id] = str(error)
                continue
            # Splunk and Python may read an odd text differently; both must read that id.
            if event_id in batch and event_id in (record.event_id.lower(), record.amends.lower()):
                itself = result.get("proved_shape") != shapes.REBUILT
                amends = record.event_id.lower() != event_id
                known = kinds[2 * itself + amends].setdefault(event_id, record)
                indexed += _moments(result.get("proved_indexed"))
                if known.deciding != record.deciding:
                    differing.add((event_id, itself))
    # Where the record itself is there, what was made of it counts for nothing: a mapping loses some of it, and each
    # version of OCSF other things. What CloudTrail told of a call once more has what was missing before.
    for event_id, itself in sorted(differing):
        if itself or not (event_id in kinds[2] or event_id in kinds[3]):
            return Unprovable(f"The CloudTrail index holds two different records of event {event_id}.")
    records = {event_id: record for kind in kinds for event_id, record in kind.items()}
    missing = tuple(event_id for event_id in wanted if event_id not in records)
    for event_id in missing:
        if event_id in unreadable:
            return Unprovable(f"The record of event {event_id} in the CloudTrail index {unreadable[event_id]}.")
    if missing:
        return Missing(missing, tuple(unread))
    found = agrees(finding, list(records.values()), claims)
    return replace(found, indexed_at=min(indexed, default=0.0)) if isinstance(found, Proved) else found


def window(finding: Finding, now: float) -> tuple[float, float]:
    """From when to when the records are searched for, in epoch seconds of the event.

    A day more on both sides than the finding says, since some inputs set an event's time by when it arrived; and never
    longer than ``LONGEST_SPAN``. When the events were indexed does not matter.
    """
    times = [time for time in (finding.first_time, finding.last_time) if time]
    if not times:
        return now - WITHOUT_TIMES, now + DAY
    latest = min(max(times), now) + DAY
    return max(min(times) - DAY, latest - LONGEST_SPAN, 0.0), latest


def _unprovable(finding: Finding) -> str:
    if not finding.event_ids:
        return (
            "The finding names no CloudTrail events (event_ids is empty), so there is no record to compare it with. "
            "Add eventID to the results of the search, after stats as in: stats values(eventID) AS event_ids BY user."
        )
    foreign = [event_id for event_id in finding.event_ids if not is_event_id(event_id.lower())]
    if foreign:
        return f"The finding is not about CloudTrail events, or not by their ids: {_some(foreign)}."
    if not finding.vendor_account:
        return "The finding names no account (vendor_account is empty). Add recipientAccountId to the search's results."
    if not (finding.object_id or finding.access_key_id or finding.user_arn):
        return (
            "The finding names neither a resource nor a principal. Add userIdentity.arn, userIdentity.accessKeyId or "
            "the resource (object_id) to the search's results."
        )
    return ""


def agrees(finding: Finding, records: Sequence[CloudTrailRecord], claims: Sequence[Claim]) -> Proof:
    """Whether the records are about what the finding says. What belongs together must stand in one record."""
    strangers = [record.account for record in records if record.account != finding.vendor_account]
    if strangers:
        return _contradicted("account", finding.vendor_account, strangers)
    here = [record for record in records if finding.vendor_region in ("", record.region)]
    if not here:
        return _contradicted("region", finding.vendor_region, (record.region for record in records))
    return _principal(finding, records) or _resource(finding, here, claims)


def _principal(finding: Finding, records: Sequence[CloudTrailRecord]) -> Contradicted | None:
    """The caller's key and ARN, where the finding names them, are those of one record."""
    by_arn = [record for record in records if finding.user_arn in ("", *record.caller_arns)]
    if not by_arn:
        return _contradicted("user_arn", finding.user_arn, (arn for record in records for arn in record.caller_arns))
    if not any(finding.access_key_id in ("", record.access_key_id) for record in by_arn):
        return _contradicted("access_key_id", finding.access_key_id, (record.access_key_id for record in by_arn))
    return None


def _resource(finding: Finding, records: Sequence[CloudTrailRecord], claims: Sequence[Claim]) -> Proof:
    """The resource is what a call that succeeded was about, or the caller; and the claims are in such records."""
    resource, account = finding.object_id, finding.vendor_account
    about = list(records)
    if resource:
        called = [record for record in records if _is_caller(finding, record)]
        about = called or [one for one in records if one.succeeded and _is_about(one, resource, claims)]
        if not about:
            return _contradicted("object_id", resource, (name for record in records for name in sorted(record.named)))
        owners = [owner for record in about for owner in _owners(record, resource, bool(called))]
        if any(owner != account for owner in owners):
            return _contradicted("account of the resource", account, owners)
    for claim in (Claim(*claim) for claim in claims):
        values: list[str] = [value for record in about for value in claim.values_in(record)]
        if claim.value not in values:
            return _contradicted(claim.what, claim.value, values)
    return Proved(len(records))


def _is_about(record: CloudTrailRecord, resource: str, claims: Sequence[Claim]) -> bool:
    """Whether a record names a resource, or is a call about one that calls do not name.

    Settings of an account, or of one in a region, have no name: the record stands in it, and what the call was, the
    playbook claims. So it is with the only one of a kind that a region has.
    """
    place = (record.account, record.region, f"{record.account}:{record.region}")
    if record.names_resource(resource) or (claims and resource in place):
        return True
    of_resource = [claim for claim in (Claim(*claim) for claim in claims) if claim.is_resource]
    return any(claim.value in claim.values_in(record) for claim in of_resource)


def _is_caller(finding: Finding, record: CloudTrailRecord) -> bool:
    by_name = finding.object_category.startswith("AWS::IAM::") and finding.object_id in record.caller_names
    return by_name or finding.object_id in (record.caller_instance, *record.caller_ids)


def _owners(record: CloudTrailRecord, resource: str, caller: bool) -> Iterable[str]:
    return (record.caller_account,) if caller else record.owners(resource)


def _contradicted(what: str, claimed: str, found: Iterable[str]) -> Contradicted:
    return Contradicted(what, claimed, tuple(value for value in dict.fromkeys(found) if value)[:5])


def _moments(value: object) -> list[float]:
    """A moment in epoch seconds; none where a result has no such number."""
    try:
        return [float(str(value))]
    except ValueError:
        return []


def _short(value: str) -> str:
    return one_line(value[:200])[:80]


def _some(values: Sequence[str]) -> str:
    more = f" and {len(values) - 3} more" if len(values) > 3 else ""
    return ", ".join(_short(value) for value in values[:3]) + more
