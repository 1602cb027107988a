"""The figures for people, in a terminal."""

from __future__ import annotations

import functools
from collections.abc import Callable

from rich import box
from rich.console import Console
from rich.table import Table

from .halves import BLIND, SEEN
from .kinds import KINDS
from .measure import Blind, Share
from .records import ATTACK, ORDINARY, REFUSED


def show(blind: Blind, console: Console) -> None:
    table = Table(
        title="Made records on which something was raised, by kind and by half of the services",
        box=box.SIMPLE_HEAD,
        padding=(0, 1),
        collapse_padding=True,
        pad_edge=False,
    )
    table.add_column("kind", no_wrap=True)
    for half in (SEEN, BLIND):
        for role in (ATTACK, REFUSED, ORDINARY):
            table.add_column(f"{half}\n{role}", justify="right", no_wrap=True)
    for kind in KINDS:
        table.add_row(kind.id, *_cells(functools.partial(blind.share, kind.id)))
    table.add_row("all", *_cells(blind.total), style="bold")
    console.print(table)
    console.print(f"Recall on the blind half is {blind.gap:+.3f} below that on the seen half.", soft_wrap=True)
    for missed, names in blind.missed.items():
        console.print(f"Missed of the seen half, {missed}: {', '.join(sorted(set(names)))}.", soft_wrap=True)
    for name, count in blind.false.most_common():
        console.print(f"Raised on what is harmless: {name}, {count} times.", soft_wrap=True)


def _cells(share: Callable[[str, str], Share]) -> list[str]:
    return [_cell(share(half, role)) for half in (SEEN, BLIND) for role in (ATTACK, REFUSED, ORDINARY)]


def _cell(share: Share) -> str:
    return f"{share.raised}/{share.records}" if share.records else ""
