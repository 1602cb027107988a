"""The figures for people, in a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table

from workbench.detections.model import SEVERITIES

from .measure import Peace, Raised
from .month import DAYS

WORST = tuple(reversed(SEVERITIES))


def show(peace: Peace, console: Console, reasons: bool = False) -> None:
    title = f"Cases of {peace.records:,} records of {peace.kinds} kinds in {DAYS} days"
    console.print(_table(title, "detection", ((one.severity, one.detection) for one in peace.raised)))
    pairs = ((one.severity, kind) for one in peace.raised for kind in one.kinds)
    console.print(_table("The same by kind", "kind", pairs))
    a_day = ", ".join(f"{severity} {peace.a_day(severity):.2f}" for severity in WORST)
    console.print(f"Cases a day: {a_day}; high or critical {peace.a_day('critical', 'high'):.2f}.", soft_wrap=True)
    for one in peace.raised if reasons else ():
        console.print(_line(one), soft_wrap=True, markup=False)


def _table(title: str, head: str, pairs: Iterable[tuple[str, str]]) -> Table:
    counted = Counter(pairs)
    table = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1), collapse_padding=True, pad_edge=False)
    table.add_column(head, no_wrap=True)
    for severity in WORST:
        table.add_column(severity, justify="right")
    names = {name for _, name in counted}
    for name in sorted(names, key=lambda name: tuple(-counted[severity, name] for severity in WORST)):
        table.add_row(name, *(str(counted[severity, name] or "") for severity in WORST))
    return table


def _line(one: Raised) -> str:
    return f"day {one.day} {one.severity} {one.detection} ({', '.join(one.kinds)}): {one.reason}"
