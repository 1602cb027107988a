"""Change windows: business hours in which the app makes changes by itself, of a playbook, an account or everything.

One window is ``subject=days hours zone``, as in ``deactivate_access_key=Mon-Fri 08:00-18:00 Europe/Berlin``. Several of
one subject add up; where a change has several subjects (its playbook, its account, ``*``), all of them have to be open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from importlib import import_module
from typing import Any

#: In the order of ``date.weekday``.
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: The subject of every change.
ANY = "*"
#: Days that are looked ahead for the next opening: whatever opens at all opens within a week.
AHEAD = 8
_WINDOW = re.compile(
    r"(?P<subject>\*|[0-9]{12}|[a-z][a-z0-9_]*)\s*=\s*(?P<days>[A-Za-z,-]+)\s+"
    r"(?P<start>[0-9]{2}:[0-9]{2})-(?P<end>[0-9]{2}:[0-9]{2})\s+(?P<zone>[A-Za-z][A-Za-z0-9_+/-]{0,59})",
    re.ASCII,
)


@dataclass(frozen=True)
class ChangeWindow:
    subject: str
    #: As it was entered, for people.
    text: str
    #: Weekdays, Monday is 0, on which it begins.
    days: frozenset[int]
    #: Minutes of the day in ``zone``. An end that is not after the start is on the next day.
    start: int
    end: int
    zone: str

    def spans(self, about: datetime) -> Iterator[tuple[float, float]]:
        """Begin and end, in epoch seconds, of those around a moment and of the days after it."""
        there = zone_of(self.zone)
        first = about.astimezone(there).date() - timedelta(days=1)
        for number in range(AHEAD + 2):
            day = first + timedelta(days=number)
            if day.weekday() in self.days:
                last = day if self.end > self.start else day + timedelta(days=1)
                yield _epoch(day, self.start, there), _epoch(last, self.end, there)


def parse(text: str) -> tuple[ChangeWindow, ...]:
    """Windows, separated by semicolons or line breaks. Raises ValueError with what is wrong with the first bad one."""
    return tuple(_window(entry.strip()) for entry in re.split(r"[;\n]+", text) if entry.strip())


def next_open(windows: Iterable[ChangeWindow], subjects: Sequence[str], at: float) -> float | None:
    """The moment from ``at`` on (epoch seconds) at which a change may be made; None where there is none in a week."""
    by_subject: dict[str, list[ChangeWindow]] = {}
    for window in windows:
        if window.subject in subjects:
            by_subject.setdefault(window.subject, []).append(window)
    about = datetime.fromtimestamp(at, timezone.utc)
    spans = [[span for window in group for span in window.spans(about)] for group in by_subject.values()]
    # All are open for the first time when the last of them opens.
    moments = sorted({at, *(begin for group in spans for begin, _ in group if begin > at)})
    for moment in moments:
        if all(any(begin <= moment < end for begin, end in group) for group in spans):
            return moment
    return None


def said(windows: Iterable[ChangeWindow], subjects: Sequence[str]) -> str:
    """The windows of these subjects, for people."""
    return "; ".join(window.text for window in windows if window.subject in subjects)


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo:
    """A time zone of the IANA database, as the host has it, else as python-dateutil brings it along.

    Raises ValueError where neither knows it.
    """
    found: Any = None
    try:
        found = import_module("zoneinfo").ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # Windows and small containers have no database (Python documentation, "zoneinfo: Data sources").
        found = import_module("dateutil.zoneinfo").get_zonefile_instance().get(name)
    if not isinstance(found, tzinfo):
        raise ValueError(f"names the time zone '{name}', which is not one such as Europe/Berlin or UTC")
    return found


def _window(text: str) -> ChangeWindow:
    found = _WINDOW.fullmatch(text)
    if found is None:
        raise ValueError(f"has the entry '{text[:60]}', which is not one such as *=Mon-Fri 08:00-18:00 Europe/Berlin")
    zone_of(found["zone"])
    start, end = _minute(found["start"], text), _minute(found["end"], text)
    if start == end or start == 1440:
        raise ValueError(f"has the entry '{text[:60]}', whose hours are empty; write 00:00-24:00 for the whole day")
    return ChangeWindow(found["subject"], " ".join(text.split()), _days(found["days"], text), start, end, found["zone"])


def _days(text: str, entry: str) -> frozenset[int]:
    days: set[int] = set()
    for piece in text.lower().split(","):
        first, _, last = piece.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            raise ValueError(f"has the entry '{entry[:60]}', whose days are not such as Mon-Fri or Sat,Sun")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        days.update((begin + step) % 7 for step in range((end - begin) % 7 + 1))
    return frozenset(days)


def _minute(text: str, entry: str) -> int:
    hour, minute = (int(piece) for piece in text.split(":"))
    if hour * 60 + minute > 1440 or minute > 59:
        raise ValueError(f"has the entry '{entry[:60]}', whose hours are not from 00:00 to 24:00")
    return hour * 60 + minute


def _epoch(day: date, minute: int, zone: tzinfo) -> float:
    """Of a time on the clocks there. One that the change to summer time leaves out is an hour later."""
    after, minute = divmod(minute, 1440)
    wall = datetime.combine(day + timedelta(days=after), time(minute // 60, minute % 60), zone)
    return wall.timestamp()
