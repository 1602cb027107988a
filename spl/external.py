"""Commands that whoever runs a search brings along, such as an app's own search commands.

A ``Knowledge`` that has a method ``external(name)``, which gives an ``External`` or None, offers them; the commands
built here always go before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from .model import Knowledge
from .row import Row
from .stage import Command, Context, Run, Stage, Table
from .values import Cell, collapse

Rows = Iterable[Mapping[str, Cell]]


@dataclass(frozen=True)
class Call:
    """One use of a command in a running search. Times are epoch seconds; ``latest`` may be infinite."""

    arguments: str
    #: It is the first command of its pipeline, so there are no rows for it.
    first: bool
    earliest: float
    latest: float
    now: float


class External(Protocol):
    def check(self, arguments: str, first: bool) -> None:
        """Raise SplRejected or SplUnsupported for what can be seen before the search runs."""

    def run(self, call: Call, rows: Rows) -> tuple[list[str], Rows]:
        """Columns and rows. Raises SplRejected when the search fails by it."""


def offered(name: str, knowledge: Knowledge) -> Command | None:
    """What ``knowledge`` offers, as a command of the pipeline; only when it runs it shows whether it may be first."""
    find: Callable[[str], External | None] | None = getattr(knowledge, "external", None)
    external = find(name) if find else None
    if external is None:
        return None

    def parse(arguments: str, context: Context) -> Stage:
        external.check(arguments, context.first)

        def run(table: Table, run: Run) -> Table:
            call = Call(arguments.strip(), context.first, run.earliest, run.latest, run.now)
            columns, rows = external.run(call, (row.to_dict() for row in table.rows))
            return Table([_row(row) for row in rows], columns)

        return run

    return Command(name, parse, generating=True)


def _row(cells: Mapping[str, Cell]) -> Row:
    made = Row()
    for name, value in cells.items():
        made.set(name, collapse(value) if isinstance(value, list) else value)
    return made
