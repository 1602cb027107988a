"""How many calls an actor made when, counted by Splunk: what a picture of them is drawn from.

Every call counts, also those that only read and those that were denied. An event that was delivered twice counts once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..splunk.client import Splunkd
from ..splunk.search import search
from .actor_calls import IN_A_SEARCH, is_name
from .cloudtrail import ENDPOINT_EVENT

READ, CHANGE, DENIED = KINDS = ("read", "change", "denied")
#: Slots that a window is cut into; lines of counts that are read of it, the earliest; events of one search.
SLOTS, MOST_LINES, MOST_EVENTS = 48, 5_000, 100_000


@dataclass(frozen=True)
class Counted:
    """Calls of one name in one slot of the window."""

    slot: int
    #: One of ``KINDS``.
    kind: str
    #: As CloudTrail has them: ``ec2.amazonaws.com``, ``RunInstances``.
    source: str
    name: str
    count: int


@dataclass(frozen=True)
class Timeline:
    counted: Sequence[Counted]
    #: Whether there are more calls, or names of the actor, than were looked at.
    is_cut: bool


def read(splunkd: Splunkd, names: Sequence[str], earliest: float, latest: float) -> Timeline:
    """The calls made with these keys and ARNs. Raises ValueError for other names, and what ``search`` raises."""
    asked = sorted(names)[:IN_A_SEARCH]
    if not asked:
        return Timeline((), False)
    results = search(splunkd, spl(asked, earliest, latest), earliest, latest)
    counted = [one for one in map(_counted, results[:MOST_LINES]) if one is not None]
    is_full = sum(one.count for one in counted) >= MOST_EVENTS
    return Timeline(counted, len(names) > len(asked) or len(results) > MOST_LINES or is_full)


def spl(names: Sequence[str], earliest: float, latest: float) -> str:
    """Raises ValueError for anything but keys and ARNs of principals."""
    if not names or not all(map(is_name, names)):
        raise ValueError("not keys and ARNs of principals")
    quoted = [f'"{name}"' for name in names]
    among = ", ".join(quoted)
    width = (latest - earliest) / SLOTS
    return (
        f"search `cloudtrail_index` ({' OR '.join(quoted)}) | head {MOST_EVENTS} | `cloudtrail_drop_extracted_fields`"
        " | `cloudtrail_normalize` | spath output=made_id path=eventID"
        " | spath output=made_key path=userIdentity.accessKeyId | spath output=made_arn path=userIdentity.arn"
        " | spath output=made_issuer path=userIdentity.sessionContext.sessionIssuer.arn"
        # Those that it made, and none that only mention it.
        f" | search made_key IN ({among}) OR made_arn IN ({among}) OR made_issuer IN ({among})"
        " | spath output=made_type path=eventType | spath output=made_error path=errorCode"
        # What the policy of a VPC endpoint denied is told of by the endpoint alone.
        f" | search NOT made_type={ENDPOINT_EVENT} OR made_error=VpceAccessDenied"
        " | dedup made_id | spath output=made_name path=eventName | spath output=made_source path=eventSource"
        " | spath output=made_reads path=readOnly"
        f' | eval made_kind=case(isnotnull(made_error), "{DENIED}", made_reads="true", "{READ}", true(), "{CHANGE}")'
        f" | eval made_slot=floor((_time-{earliest:.3f})/{width:.3f})"
        " | stats count by made_slot made_kind made_source made_name"
        f" | sort {MOST_LINES + 1} made_slot -count"
    )


def _counted(result: Mapping[str, Any]) -> Counted | None:
    kind, slot = str(result.get("made_kind")), str(result.get("made_slot")).partition(".")[0]
    count = str(result.get("count"))
    if kind not in KINDS or not slot.isdecimal() or not count.isdecimal() or int(slot) >= SLOTS:
        return None
    return Counted(int(slot), kind, str(result.get("made_source")), str(result.get("made_name")), int(count))
