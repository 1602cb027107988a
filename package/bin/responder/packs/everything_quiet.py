"""All that is quiet here."""

from __future__ import annotations

from .pack import Pack

PACK = Pack(
    "everything_quiet",
    "Everything quiet",
    "Every detection that reads CloudTrail and would have opened at most four cases here within the last 30 days. "
    "It takes some minutes to find out which those are.",
    50,
    most_cases=4,
)
