"""The comparison for people, in a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table

from .compare import Outcome


def show(outcomes: Iterable[Outcome], console: Console) -> None:
    held = list(outcomes)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), collapse_padding=True, pad_edge=False)
    table.add_column("rules of")
    for title in ("rules", "not run", "found", "recall", "false pairs", "CPU s"):
        table.add_column(title, justify="right")
    for one in held:
        recall = "" if one.recall is None else f"{one.recall:.2f}"
        table.add_row(one.name, str(one.rules), str(len(one.unreadable)), f"{one.found}/{one.cases}", recall,
                      str(one.false_pairs), f"{one.cpu:.1f}")  # fmt: skip
    console.print(table)
    for one in held:
        for rule, why in sorted(one.unreadable.items()):
            console.print(f"{one.name}: {rule}: {why}", soft_wrap=True, markup=False)
