"""Lists that are empty and keep a detection that is on quiet. A detection's description says that they do."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...errors import ConfigurationError
from ..line import Check, Line, amber, green, name, red
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
            quiet.setdefault(lookup, []).append(name(detection.title))
    missing, empty = [], []
    for lookup in sorted(quiet):
        try:
            if not about.splunkd.find(lookup, ANY, limit=1, fields="_key"):
                empty.append(lookup)
        except ConfigurationError:
            # That is how the client reads a 404. The other lists are still told of.
            missing.append(lookup)
    for lookup in missing:
        yield red(
            f"The list {name(lookup)} is not there, so this finds nothing: {', '.join(quiet[lookup])}.",
            "Install the app again, or correct the name in the detection's description if you changed it.",
        )
    for lookup in empty:
        if lookup == "responder_own_principals":
            yield green(f"{', '.join(quiet[lookup])}: quiet until the app has changed something in AWS.")
            continue
        yield amber(
            f"The list {lookup} is empty, so this finds nothing: {', '.join(quiet[lookup])}.",
            "Add entries on the page Lists, or turn the detection off.",
        )
    if not empty and not missing:
        yield green("No empty list keeps a detection quiet.")


CHECK = Check("Lists", 18, look)
