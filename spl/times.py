"""Time modifiers (``-15m@m``), strftime and strptime. The sandbox's user lives in UTC.

Source: Search Reference, "Time modifiers" and "Date and time format variables".
"""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from .errors import SplRejected, SplUnsupported

_UNITS = {
    "s": ("s", "sec", "secs", "second", "seconds"),
    "m": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
    "w": ("w", "week", "weeks"),
    "mon": ("mon", "month", "months"),
    "q": ("q", "qtr", "qtrs", "quarter", "quarters"),
    "y": ("y", "yr", "yrs", "year", "years"),
}
_UNIT = {alias: unit for unit, aliases in _UNITS.items() for alias in aliases}
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_STEP = re.compile(r"(?P<sign>[+-])(?P<count>\d*)(?P<unit>[a-z]+)|@(?P<snap>w[0-7]|[a-z]+)")


def unit(name: str) -> str | None:
    """The canonical unit of a name Splunk accepts, e.g. ``min`` -> ``m``."""
    return _UNIT.get(name)


def relative(time: float, modifier: str) -> float:
    """Apply ``-1d@d+3h`` to epoch seconds, left to right. Raises SplRejected for what is no modifier."""
    position, moment = 0, time
    while position < len(modifier):
        match = _STEP.match(modifier, position)
        if not match:
            raise SplRejected(f"'{modifier}' is not a time modifier (as in -15m@m).")
        if match["snap"]:
            moment = _snap(moment, match["snap"], modifier)
        else:
            count = int(match["count"] or 1) * (1 if match["sign"] == "+" else -1)
            moment = _shift(moment, count, match["unit"], modifier)
        position = match.end()
    return moment


def bound(value: object, now: float, default: float) -> float:
    """Epoch seconds of a time range's end: a number, a modifier, ``now``, or nothing (the default)."""
    if value is None or value == "":
        return default
    if isinstance(value, (int, float)):
        return float(value)
    written = str(value)
    if written in ("now", "now()"):
        return now
    if re.fullmatch(r"\d+(\.\d+)?", written):
        return float(written)
    if written.startswith("rt"):
        raise SplUnsupported("Real-time searches are not supported.")
    if re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}:\d{1,2}:\d{1,2}:\d{1,2}", written):
        return datetime.strptime(written, "%m/%d/%Y:%H:%M:%S").replace(tzinfo=timezone.utc).timestamp()
    return relative(now, written)


def _utc(time: float) -> datetime:
    try:
        return datetime.fromtimestamp(time, timezone.utc)
    except (OverflowError, OSError, ValueError):
        raise SplRejected(f"{time:.0f} is no time that a calendar knows.") from None


def _shift(time: float, count: int, name: str, modifier: str) -> float:
    step = _UNIT.get(name)
    if step is None:
        raise SplRejected(f"'{name}' in the time modifier '{modifier}' is not a unit of time.")
    if step in SECONDS:
        return time + count * SECONDS[step]
    months = count * {"mon": 1, "q": 3, "y": 12}[step]
    moment = _utc(time)
    index = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise SplRejected(f"The time modifier '{modifier}' leaves the calendar.")
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day).timestamp()


def _snap(time: float, name: str, modifier: str) -> float:
    moment = _utc(time)
    if re.fullmatch(r"w[0-7]", name):
        back = (moment.isoweekday() - int(name[1]) % 7) % 7
        return _midnight(moment - timedelta(days=back))
    step = _UNIT.get(name)
    if step is None:
        raise SplRejected(f"'@{name}' in the time modifier '{modifier}' is not a unit of time.")
    if step in ("s", "m", "h"):
        return math.floor(time / SECONDS[step]) * SECONDS[step]
    if step == "w":
        return _midnight(moment - timedelta(days=moment.isoweekday() % 7))
    if step == "mon":
        moment = moment.replace(day=1)
    elif step == "q":
        moment = moment.replace(day=1, month=(moment.month - 1) // 3 * 3 + 1)
    elif step == "y":
        moment = moment.replace(day=1, month=1)
    return _midnight(moment)


def _midnight(moment: datetime) -> float:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


_DIRECTIVE = re.compile(r"%(?P<width>[369])?(?P<colons>:{0,3})(?P<letter>[A-Za-z%+])")
_PLAIN = set("aAbBcdHIjmMpSUwWxXyYZzuVGgCDhnt%f")
_FORMATTED: dict[str, Callable[[datetime, float, int], str]] = {
    "s": lambda moment, time, width: str(math.floor(time)),
    "N": lambda moment, time, width: f"{moment.microsecond:06d}000"[: width or 9],
    "Q": lambda moment, time, width: f"{moment.microsecond:06d}000"[: width or 3],
    "F": lambda moment, time, width: moment.strftime("%Y-%m-%d"),
    "T": lambda moment, time, width: moment.strftime("%H:%M:%S"),
    "x": lambda moment, time, width: moment.strftime("%m/%d/%Y"),
    "e": lambda moment, time, width: f"{moment.day:2d}",
    "k": lambda moment, time, width: f"{moment.hour:2d}",
    "l": lambda moment, time, width: f"{moment.hour % 12 or 12:2d}",
    "+": lambda moment, time, width: moment.strftime("%a %b %d %H:%M:%S UTC %Y"),
}


def strftime(time: float, pattern: str) -> str:
    """Text of epoch seconds. An unknown directive stays as it is written."""
    moment = _utc(time)

    def put(match: re.Match[str]) -> str:
        letter = match["letter"]
        if match["colons"]:
            # The sandbox's user lives in UTC.
            return "+00" + ":00" * min(len(match["colons"]), 2) if letter == "z" else match.group()
        if letter in _FORMATTED:
            return _FORMATTED[letter](moment, time, int(match["width"] or 0))
        return moment.strftime("%" + letter) if letter in _PLAIN else match.group()

    return _DIRECTIVE.sub(put, pattern)


_READ = {
    "Y": r"(?P<Y>\d{4})", "y": r"(?P<y>\d{2})", "m": r"(?P<m>\d{1,2})", "d": r"(?P<d>\d{1,2})",
    "e": r"\s*(?P<d>\d{1,2})",
    "H": r"(?P<H>\d{1,2})", "k": r"\s*(?P<H>\d{1,2})", "I": r"(?P<I>\d{1,2})", "M": r"(?P<M>\d{1,2})",
    "S": r"(?P<S>\d{1,2})", "p": r"(?P<p>[AaPp][Mm])", "j": r"(?P<j>\d{1,3})", "s": r"(?P<s>\d+(?:\.\d+)?)",
    "b": r"(?P<b>[A-Za-z]{3})", "B": r"(?P<b>[A-Za-z]{3,9})", "a": r"[A-Za-z]{3}", "A": r"[A-Za-z]{6,9}",
    "z": r"(?P<z>Z|[+-]\d{2}:?\d{2})", "Z": r"(?P<Z>[A-Z]{1,5})", "N": r"(?P<N>\d{1,9})", "Q": r"(?P<N>\d{1,9})",
    "f": r"(?P<N>\d{1,6})", "%": "%",
}  # fmt: skip
_MONTHS = {name.lower(): index for index, name in enumerate(calendar.month_abbr) if name}


def strptime(written: str, pattern: str) -> float | None:
    """Epoch seconds of a text; None when it does not fit or names no day. Raises SplUnsupported for a directive."""
    for short, long in (("%T", "%H:%M:%S"), ("%F", "%Y-%m-%d"), ("%D", "%m/%d/%y"), ("%R", "%H:%M")):
        pattern = pattern.replace(short, long)
    expression, position = "", 0
    for match in _DIRECTIVE.finditer(pattern):
        expression += re.escape(pattern[position : match.start()])
        if match["letter"] not in _READ:
            raise SplUnsupported(f"strptime does not know {match.group()} here.")
        expression += _READ[match["letter"]]
        position = match.end()
    try:
        found = re.match(expression + re.escape(pattern[position:]), written)
    except re.error:
        raise SplUnsupported(f"strptime reads each part of a time once, not as in '{pattern}'.") from None
    return None if not found else _moment({k: v for k, v in found.groupdict().items() if v is not None})


def _moment(part: dict[str, str]) -> float | None:
    fraction = float(f"0.{part['N']}") if "N" in part else 0.0
    if "s" in part:
        return float(part["s"]) + fraction
    try:
        year = int(part["Y"]) if "Y" in part else datetime.strptime(part["y"], "%y").year
        if "j" in part:
            day = datetime(year, 1, 1) + timedelta(days=int(part["j"]) - 1)
        else:
            month = _MONTHS[part["b"][:3].lower()] if "b" in part else int(part["m"])
            day = datetime(year, month, int(part["d"]))
        hour = int(part.get("H") or part.get("I") or 0)
        if "p" in part:
            hour = hour % 12 + (12 if part["p"].lower() == "pm" else 0)
        moment = day.replace(hour=hour, minute=int(part.get("M", 0)), second=int(part.get("S", 0)))
    except (KeyError, ValueError):
        return None
    zone = part.get("z", "Z").replace(":", "")
    offset = 0 if zone == "Z" else int(zone[0] + "1") * (int(zone[1:3]) * 3600 + int(zone[3:5]) * 60)
    return moment.replace(tzinfo=timezone.utc).timestamp() - offset + fraction
