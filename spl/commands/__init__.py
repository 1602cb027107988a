"""The commands, a module per family. Adding a module adds its commands.

A command's ``parse(arguments, context)`` checks everything that can be checked and returns a stage, which turns
one table into the next when the search runs.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Optional

from ..errors import SplRejected, SplUnsupported
from ..model import EventSource, Knowledge
from ..row import Row

if TYPE_CHECKING:
    from ..pipeline import Pipeline

#: Commands of Splunk (searchbnf.conf) that are not built here.
_NOT_BUILT = """
abstract analyzefields anomalies anomalousvalue anomalydetection arules associate autoregress cluster cofilter collect
concurrency contingency correlate datamodel dbinspect delete diff erex eventcount extract fieldsummary findtypes
folderize from gauge gentimes geom geomfilter geostats highlight history iconify inputcsv kmeans kv kvform loadjob
localize localop makecontinuous map mcatalog mcollect metadata meventcollect mpreview msearch mstats multikv outlier
outputcsv outputtext overlap pivot predict redistribute reltime rest rtorder runshellscript savedsearch script scrub
searchtxn selfjoin sendalert sendemail set setfields sichart sirare sistats sitimechart sitop tags timewrap tojson
trendline tscollect tstats typeahead typelearner typer walklex x11 xmlkv xmlunescape xpath xsDisplay
"""
UNSUPPORTED = frozenset(_NOT_BUILT.split())


@dataclass
class Table:
    """Rows between two commands. ``columns`` is the order of columns where a command has set one."""

    rows: Iterable[Row]
    columns: Optional[list[str]] = None


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


Stage = Callable[[Table, Run], Table]


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


@lru_cache(maxsize=1)
def _load() -> None:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")


def find(name: str) -> Command:
    """Raises SplRejected for no command of Splunk's, SplUnsupported for one that is not built here."""
    _load()
    if name in REGISTRY:
        return REGISTRY[name]
    if name in UNSUPPORTED:
        raise SplUnsupported(f"The command '{name}' is not supported.")
    raise SplRejected(f"Unknown search command '{name}'.")


def supported() -> list[str]:
    _load()
    return sorted(REGISTRY)
