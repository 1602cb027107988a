"""The seal at the end of a box in a ticket's description: whose box it is, and what it was written with.

By the seal the box is found again among what people wrote, and by its checksum it shows whether a person has written
into it. Only letters and digits count for that: Jira's editors rewrite markup, spaces and character references.
"""

from __future__ import annotations

import hashlib
import html
import re
from typing import NamedTuple

NOTE = "CloudTrail Responder keeps this box up to date; write outside of it."
SEAL = re.compile(r"Case ([0-9a-f]{1,40}), ref ([0-9a-f]{12})\.")


class Seal(NamedTuple):
    case: str
    #: Checksum of what stands before it.
    ref: str


class Placed(NamedTuple):
    """What became of a box in a description, and the description with it."""

    #: ``written``; ``same``: it says so already; ``edited``: a person has written into it; ``gone``: it was removed;
    #: ``full``: what people wrote leaves no room for it.
    status: str
    description: object = None


def footer(case: str, said: str) -> str:
    """The last line of a box that says ``said``."""
    return f"{NOTE} Case {case}, ref {checksum(said)}."


def checksum(said: str) -> str:
    letters = "".join(filter(str.isalnum, html.unescape(said)))
    return hashlib.sha256(letters.encode("utf-8", "replace")).hexdigest()[:12]


def seal_at_end(said: str) -> Seal | None:
    """The seal that a text ends with; None where it ends with none."""
    found = [match for match in SEAL.finditer(said) if not said[match.end() :].strip()]
    return Seal(found[-1][1], found[-1][2]) if found else None


def is_intact(before: str, seal: Seal) -> bool:
    """Whether what stands in a box before its seal is what was written there."""
    # The last note is ours. One before it is what somebody calls himself.
    return checksum(before.rpartition(NOTE)[0]) == seal.ref
