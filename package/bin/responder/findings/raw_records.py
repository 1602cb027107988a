"""A finding's CloudTrail records as they are in the index, read with the system's rights, for people to keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..json_limits import bounded_json
from ..splunk.client import Splunkd
from ..splunk.search import LONGEST
from .finding import Finding
from .proof import window
from .record_search import SHOWN, is_event_id, records_of


def raw_records(
    splunkd: Splunkd, finding: Finding, now: float, most: int = SHOWN, longest: int = LONGEST
) -> list[Mapping[str, Any]]:
    """One record of each of the finding's first events that the index has. Raises what a search raises.

    ``longest``: seconds after which Splunk ends it.
    """
    wanted = [event_id.lower() for event_id in finding.event_ids if is_event_id(event_id.lower())][:most]
    if not wanted:
        return []
    found: dict[str, Mapping[str, Any]] = {}
    for result in records_of(splunkd, wanted, *window(finding, now), longest):
        try:
            record = bounded_json(str(result.get("_raw")))
        except ValueError:
            # Nothing that Python reads as JSON: the proof says so where it matters.
            continue
        event_id = str(result.get("proved_id")).lower()
        if isinstance(record, dict) and event_id in wanted:
            found.setdefault(event_id, record)
    return [found[event_id] for event_id in wanted if event_id in found]
