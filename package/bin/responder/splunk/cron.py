"""How often a cron schedule of Splunk starts a search."""

from __future__ import annotations

import re

#: Least and greatest value of each part.
_PARTS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_PIECE = re.compile(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?")


def runs_an_hour(cron: str) -> float:
    """On the average of a long time; 0 for what is no schedule."""
    parts = cron.split()
    if len(parts) != len(_PARTS):
        return 0.0
    minutes, hours, days, months, weekdays = (_share(part, *ends) for part, ends in zip(parts, _PARTS))
    # Cron runs on a day that either of the two names, where both are limited.
    day = days * weekdays if 1.0 in (days, weekdays) else days + weekdays - days * weekdays
    return round(60 * minutes * hours * day * months, 4)


def _share(part: str, least: int, greatest: int) -> float:
    """Of all values of a part, those that it names; 0 where it cannot be read."""
    found: set[int] = set()
    for piece in part.split(","):
        match = _PIECE.fullmatch(piece)
        if match is None:
            return 0.0
        first, last, step = match[1], match[2], int(match[3] or 1)
        begin = least if first is None else int(first)
        # A step without an end goes on to the last one: 5/15.
        end = int(last) if last else greatest if first is None or match[3] else begin
        if step == 0:
            return 0.0
        # Sunday has two numbers.
        found.update(value % 7 if greatest == 6 else value for value in range(begin, end + 1, step))
    return len([value for value in found if least <= value <= greatest]) / (greatest - least + 1)
