"""Which fields of a CloudTrail record the detections need, read off the searches as they are installed.

Anything that knows it better (a list that the build generates) takes the place of ``needed``: top-level field of a
record -> titles of the detections that read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .saved import SavedSearch

#: ``spath output=x path=requestParameters.y`` on the record itself (not on another field: input=).
_PATH = re.compile(r"(?:^|\|)\s*spath\s+(?![^|]*\binput=)[^|]*?\bpath=\"?([A-Za-z]+)")
_MACRO = re.compile(r"`([a-z]\w*)")
_TERM = re.compile(r"\b(eventSource|eventName)\s*(?:=|IN\b)")
#: What every search of CloudTrail reads by its shared macros.
SHARED = (
    "eventID", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent", "userIdentity",
    "recipientAccountId", "eventType",
)  # fmt: skip


def needed(detections: Iterable[SavedSearch], macros: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """Fields, each with the detections that need it. ``macros``: definitions by the names of stanzas."""
    by_name = {name.partition("(")[0]: definition for name, definition in macros.items()}
    found: dict[str, list[str]] = {}
    for detection in detections:
        if "`cloudtrail_index`" in detection.search:
            texts = [detection.search, *(by_name[name] for name in _used(detection.search, by_name))]
            own = {field for text in texts for field in (*_PATH.findall(text), *_TERM.findall(text))}
            for field in {*own, *SHARED}:
                found.setdefault(field, []).append(detection.title)
    return {field: tuple(titles) for field, titles in found.items()}


def _used(spl: str, macros: Mapping[str, str]) -> set[str]:
    """Names of the macros that a search uses, also those inside of others."""
    used: set[str] = set()
    texts = [spl]
    while texts:
        for name in _MACRO.findall(texts.pop()):
            if name in macros and name not in used:
                used.add(name)
                texts.append(macros[name])
    return used
