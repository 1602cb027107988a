"""Lists that are empty and keep a detection that is on quiet. A detection's description says that they do."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..line import Check, Line, amber, green
from ..surroundings import Surroundings

#: "Quiet while the lookup is empty", "Quiet until the app has added itself to the lookup ...".
_QUIET = re.compile(r"\bQuiet (?:while|until) [^.]*\blookup\b")
#: Every document, by the one field that is always indexed.
ANY = {"_key": {"$gt": ""}}
_LOOKUP = re.compile(r"\bresponder_[a-z_]+\b")


def lists_of(description: str) -> set[str]:
    """The lookups without which a detection finds nothing."""
    text = " ".join(description.split())
    return set(_LOOKUP.findall(text)) if _QUIET.search(text) else set()


def look(about: Surroundings) -> Iterable[Line]:
    quiet: dict[str, list[str]] = {}
    for detection in about.detections:
        for lookup in lists_of(detection.description) if detection.is_on else ():
            quiet.setdefault(lookup, []).append(detection.title)
    empty = [lookup for lookup in sorted(quiet) if not about.splunkd.find(lookup, ANY, limit=1, fields="_key")]
    for lookup in empty:
        if lookup == "responder_own_principals":
            yield green(f"{', '.join(quiet[lookup])}: quiet until the app has changed something in AWS.")
            continue
        yield amber(
            f"The list {lookup} is empty, so this finds nothing: {', '.join(quiet[lookup])}.",
            "Add entries (docs/noise.md says how), or turn the detection off.",
        )
    if not empty:
        yield green("No empty list keeps a detection quiet.")


CHECK = Check("Lists", 18, look)
