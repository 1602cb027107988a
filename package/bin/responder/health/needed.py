"""Which fields of a CloudTrail record the detections need, read off the searches as they are installed.

Anything that knows it better (a list that the build generates) takes the place of ``needed``: top-level field of a
record -> titles of the detections that read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .saved import SavedSearch

#: ``spath output=x path=requestParameters.y`` on the record itself (not on another field: input=).
_PATH = re.compile(r"\|\s*spath\s+(?![^|]*\binput=)[^|]*?\bpath=\"?([A-Za-z]+)")
_TERM = re.compile(r"\b(eventSource|eventName)\s*(?:=|IN\b)")
#: What every search of CloudTrail reads by its shared macros.
SHARED = (
    "eventID", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent", "userIdentity",
    "recipientAccountId", "eventType",
)  # fmt: skip


def needed(detections: Iterable[SavedSearch]) -> Mapping[str, tuple[str, ...]]:
    """Fields, each with the detections that need it."""
    found: dict[str, list[str]] = {}
    for detection in detections:
        if "`cloudtrail_index`" in detection.search:
            own = {*_PATH.findall(detection.search), *_TERM.findall(detection.search)}
            for field in {*own, *SHARED}:
                found.setdefault(field, []).append(detection.title)
    return {field: tuple(titles) for field, titles in found.items()}
