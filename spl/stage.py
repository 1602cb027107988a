"""What a command is: it is parsed once into a stage, and a stage turns one table of rows into the next.

``@command(name)`` over ``parse(arguments, context)`` registers one; ``parse`` checks everything that can be checked
before an event is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

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
