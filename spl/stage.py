"""What a command is: it is parsed once into a stage, and a stage turns one table of rows into the next.

``@command(name)`` over ``parse(arguments, context)`` registers one; ``parse`` checks everything that can be checked
before an event is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Union

from . import messages
from .model import EventSource, Knowledge
from .row import Row


@dataclass
class Table:
    """Rows between two commands. ``columns`` is the order of columns where a command has set one."""

    rows: Iterable[Row]
    columns: list[str] | None = None


@dataclass
class Run:
    """What a running search works with; times are epoch seconds."""

    events: EventSource
    knowledge: Knowledge
    now: float
    earliest: float
    latest: float
    index_earliest: float
    index_latest: float
    #: Its search id, which ``addinfo`` tells.
    sid: str


Stage = Callable[[Table, Run], Table]
Columns = Union["list[str]", None]


@dataclass(frozen=True)
class EachRow:
    """A stage that looks at each row for itself: a search has dozens of them in a row, which ``joined`` makes one.

    ``step`` says False of a row that goes. ``changes``: it changes the row, in place, as nobody else has it.
    """

    step: Callable[[Row], bool | None]
    changes: bool = True
    columns: Callable[[Columns], Columns] = lambda columns: columns

    def __call__(self, table: Table, run: Run) -> Table:
        return _Joined((self,))(table, run)


class _Joined:
    """Of each row one copy is made, however many stages change it."""

    def __init__(self, stages: tuple[EachRow, ...]) -> None:
        self._stages = stages
        first = next((number for number, stage in enumerate(stages) if stage.changes), len(stages))
        self._tests = [stage.step for stage in stages[:first]]
        self._steps = [stage.step for stage in stages[first:]]

    def with_one_more(self, stage: EachRow) -> _Joined:
        return _Joined((*self._stages, stage))

    def __call__(self, table: Table, run: Run) -> Table:
        columns = table.columns
        for stage in self._stages:
            columns = stage.columns(columns)
        return Table(self._rows(table.rows), columns)

    def _rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            made = self.of(row)
            if made is not None:
                yield made

    def of(self, row: Row) -> Row | None:
        """What the stages make of one row; None where it goes."""
        for test in self._tests:
            if test(row) is False:
                return None
        if self._steps:
            row = row.copy()
            for step in self._steps:
                if step(row) is False:
                    return None
        return row


class Shared:
    """Stages that many searches have in common: of a row that is kept, they are run once for all of these.

    They look at each row for itself and at nothing else, as long as ``run`` goes on: neither time nor lookups.
    """

    def __init__(self, stages: Iterable[Stage]) -> None:
        self._stages = joined(stages)

    def __call__(self, table: Table, run: Run) -> Table:
        columns = Table((), table.columns)
        for stage in self._stages:
            columns = stage(columns, run)
        return Table(self._rows(table.rows, run), columns.columns)

    def _made(self, row: Row, run: Run) -> Sequence[Row]:
        rows = [row]
        for stage in self._stages:
            if isinstance(stage, _Joined):
                rows = [made for one in rows if (made := stage.of(one)) is not None]
            else:
                rows = list(stage(Table(rows), run).rows)
        return rows

    def _rows(self, rows: Iterable[Row], run: Run) -> Iterator[Row]:
        for row in rows:
            if row.memo is None:
                yield from self._made(row, run)
                continue
            known = row.memo.get(self)
            if known is None:
                known = row.memo[self] = messages.overheard(partial(self._kept, row, run))
            for note in known[1]:
                messages.note(note)
            yield from known[0]

    def _kept(self, row: Row, run: Run) -> tuple[Row, ...]:
        made = tuple(self._made(row, run))
        for one in made:
            if one.memo is None:
                one.memo = {}
        return made


def joined(stages: Iterable[Stage]) -> tuple[Stage, ...]:
    """The same stages, those that look at each row for itself together."""
    made: list[Stage] = []
    for stage in stages:
        if not isinstance(stage, EachRow):
            made.append(stage)
        elif made and isinstance(made[-1], _Joined):
            made[-1] = made[-1].with_one_more(stage)
        else:
            made.append(_Joined((stage,)))
    return tuple(made)


@dataclass(frozen=True)
class Pipeline:
    """A parsed search, subsearch or subpipeline."""

    stages: tuple[Stage, ...]

    def run(self, run: Run, table: Table | None = None) -> Table:
        """``table``: the rows a subpipeline works on. A time range in the search is that of this pipeline only."""
        run, table = replace(run), table or Table(())
        for stage in self.stages:
            table = stage(table, run)
        return table


@dataclass(frozen=True)
class Context:
    """What a command knows while it is parsed."""

    knowledge: Knowledge
    #: It is the first command of its pipeline.
    first: bool
    #: Parse a subsearch: its text without the brackets.
    subsearch: Callable[[str], Pipeline]
    #: Parse a subpipeline, which works on the rows there are.
    subpipeline: Callable[[str], Pipeline]


@dataclass(frozen=True)
class Command:
    name: str
    parse: Callable[[str, Context], Stage]
    #: Makes rows of its own, so it has to be the first one ("unless": it takes append=t later on).
    generating: bool = False
    #: May also stand later in the pipeline.
    later: bool = True


REGISTRY: dict[str, Command] = {}
Parse = Callable[[str, Context], Stage]


def command(*names: str, generating: bool = False, later: bool = True) -> Callable[[Parse], Parse]:
    def register(parse: Parse) -> Parse:
        for name in names:
            REGISTRY[name] = Command(name, parse, generating, later)
        return parse

    return register
