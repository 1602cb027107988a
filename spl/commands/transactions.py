"""transaction: events that belong together as one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .. import times
from ..aggregation import closing
from ..arguments import Arguments, boolean, count
from ..errors import SplRejected, SplUnsupported
from ..evaluation import compile_condition
from ..row import Row
from ..scanner import quoted_end, unquote
from ..searching import compile_search
from ..stage import Context, Run, Stage, Table, command
from ..values import as_list, number, text
from .columns import all_names

Test = Callable[[Row], bool]
_FILTER = re.compile(r"\b(startswith|endswith)\s*=\s*", re.I)
MOST_EVENTS = 1000


def _seconds(value: str) -> float:
    if value == "-1":
        return float("inf")
    return abs(times.relative(0.0, f"+{value}"))


_KNOWN: dict[str, Callable[[str], Any]] = {
    "maxspan": _seconds, "maxpause": _seconds, "maxevents": count, "keepevicted": boolean, "mvlist": boolean,
    "keeporphans": boolean, "connected": boolean, "unifyends": boolean, "delim": str, "nullstr": str, "mvraw": boolean,
    "maxopentxn": count, "maxopenevents": count,
}  # fmt: skip


@dataclass
class _Group:
    """``started`` and ``whole``: its start, and both ends, are there as far as they are asked for.

    ``closed``: by its start or end, or by a limit.
    """

    rows: list[Row] = field(default_factory=list)
    start: float = 0.0
    last: float = 0.0
    started: bool = True
    whole: bool = True
    closed: bool = False


@dataclass(frozen=True)
class _Rules:
    names: list[str]
    starts: Test | None
    ends: Test | None
    span: float
    pause: float
    events: int

    def breaks(self, group: _Group, time: float) -> bool:
        return time - group.start > self.span or time - group.last > self.pause or len(group.rows) >= self.events


@command("transaction")
def _transaction(arguments: str, context: Context) -> Stage:
    filters, rest = _filters(arguments)
    reader = Arguments(rest)
    options = reader.options(_KNOWN)
    for name in ("mvlist", "keeporphans"):
        if options.get(name):
            raise SplUnsupported(f"{name}=t is not supported.")
    limits = [options.get(name, float("inf")) for name in ("maxspan", "maxpause")]
    events = options.get("maxevents", MOST_EVENTS)
    rules = _Rules(reader.names(), filters.get("startswith"), filters.get("endswith"), limits[0], limits[1], events)

    def run(table: Table, run: Run) -> Table:
        rows = list(table.rows)
        groups = [group for group in _grouped(rows, rules) if group.whole or options.get("keepevicted", False)]
        names = [name for name in all_names(rows, table.columns) if name not in ("_time", "_raw")]
        made = [_merged(group, names) for group in sorted(groups, key=lambda group: -group.start)]
        return Table(made, table.columns and [*table.columns, "duration", "eventcount", "closed_txn"])

    return run


def _filters(arguments: str) -> tuple[dict[str, Test], str]:
    """startswith and endswith as tests, and the arguments without them."""
    found: dict[str, Test] = {}
    while match := _FILTER.search(arguments):
        start = match.end()
        if arguments[start : start + 1] == '"':
            end = quoted_end(arguments, start)
            found[match[1].lower()] = compile_search(unquote(arguments[start:end])).test
        elif re.match(r"(?:eval\s*)?\(", arguments[start:]):
            opening = arguments.index("(", start)
            end = closing(arguments, opening)
            inside = arguments[opening + 1 : end - 1]
            found[match[1].lower()] = _expression(inside) if opening > start else compile_search(inside).test
        else:
            word = re.match(r"\S+", arguments[start:])
            if not word:
                raise SplRejected(f"{match[1]} has no value.")
            end = start + word.end()
            found[match[1].lower()] = compile_search(word.group()).test
        arguments = arguments[: match.start()] + arguments[end:]
    return found, arguments


def _expression(written: str) -> Test:
    call = compile_condition(written).call
    return lambda row: call(row) is True


def _grouped(rows: list[Row], rules: _Rules) -> list[_Group]:
    found: list[_Group] = []
    open_groups: dict[tuple[str, ...], _Group] = {}
    timed = [(time, row) for row in rows if (time := number(row.get("_time"))) is not None]
    for time, row in sorted(timed, key=lambda pair: pair[0]):
        key = _key(row, rules.names)
        if key is None:
            continue
        group = open_groups.get(key)
        begins = rules.starts is not None and rules.starts(row)
        if group is None or begins or rules.breaks(group, time):
            if group is not None:
                group.closed = group.started
            # What comes without the event that should start it is kept apart, as what lacks its end is.
            group = open_groups[key] = _Group(start=time, started=begins or rules.starts is None)
            group.whole = group.started and rules.ends is None
            group.closed = begins and rules.ends is None
            found.append(group)
        group.rows.append(row)
        group.last = time
        if rules.ends is not None and rules.ends(row):
            group.whole = group.closed = group.started
            del open_groups[key]
    return found


def _key(row: Row, names: list[str]) -> tuple[str, ...] | None:
    values = [row.get(name) for name in names]
    return None if None in values else tuple(text(value) for value in values)


def _merged(group: _Group, names: list[str]) -> Row:
    """The distinct values of every field in lexicographic order, the earliest time, the texts in order."""
    made = Row({"_time": text(group.start)})
    for name in names:
        values = {item for row in group.rows for item in as_list(row.get(name))}
        if values:
            made.set(name, sorted(values))
    raws = [text(raw) for row in group.rows if (raw := row.get("_raw")) is not None]
    if raws:
        made.set("_raw", "\n".join(raws))
    made.set("duration", group.last - group.start)
    made.set("eventcount", len(group.rows))
    made.set("closed_txn", int(group.closed))
    return made
