"""From the text of a search to its result: parse everything, then run it."""

from __future__ import annotations

import math
import time as clock
from collections.abc import Callable, Iterable
from typing import Union

from . import commands, external, macros, messages, scanner, times
from .errors import SplRejected, SplUnsupported
from .functions.time_functions import NOW
from .model import EventSource, Knowledge, Results
from .row import Row
from .stage import Command, Context, Pipeline, Run, joined
from .values import Cell

Bound = Union[None, float, str]


def parse(spl: str, knowledge: Knowledge) -> Pipeline:
    """Expand macros and check the whole search. Raises SplRejected or SplUnsupported; reads no event."""
    try:
        return _parse(macros.expand(spl, knowledge), knowledge)
    except RecursionError:
        raise SplUnsupported("The search is nested too deeply.") from None


def _parse(text: str, knowledge: Knowledge, inside: bool = False) -> Pipeline:
    """``inside``: a subpipeline, whose first command works on the rows there are."""
    segments = scanner.pipeline(text)
    # An unknown command is reported first, whatever else is wrong.
    known = [_command(segment.name, knowledge) for segment in segments]
    stages = []
    for segment, command in zip(segments, known):
        first = segment is segments[0] and not inside
        place = f"Error in '{segment.name}' command (number {segment.number}): "
        if first and not command.generating:
            raise SplRejected(f"{place}it needs results to work on, so it cannot be first after a leading pipe.")
        if not first and not command.later:
            raise SplRejected(f"{place}this command must be the first command of a search.")
        context = Context(
            knowledge,
            first,
            lambda inner: _parse(inner, knowledge),
            lambda inner: _parse(f"| {inner}", knowledge, inside=True),
        )
        try:
            stages.append(command.parse(segment.arguments, context))
        except SplRejected as error:
            raise SplRejected(_placed(place, error)) from error
        except SplUnsupported as error:
            raise SplUnsupported(_placed(place, error)) from error
    return Pipeline(joined(stages))


def _command(name: str, knowledge: Knowledge) -> Command:
    brought = None if name in commands.supported() else external.offered(name, knowledge)
    return brought or commands.find(name)


def _placed(place: str, error: Exception) -> str:
    return str(error) if str(error).startswith("Error in ") else f"{place}{error}"


def search(
    spl: str,
    *,
    events: EventSource,
    knowledge: Knowledge,
    earliest: Bound = None,
    latest: Bound = None,
    now: None | float = None,
    index_earliest: Bound = None,
    index_latest: Bound = None,
    sid: str = "",
) -> Results:
    """Run a search as Splunk would.

    ``earliest``, ``latest`` (event time) and ``index_earliest``, ``index_latest`` (index time): epoch seconds or a
    time modifier such as ``-15m@m``; None is no bound; modifiers in the search go before them. ``now`` (epoch
    seconds) is what ``now()`` and the modifiers count from: for a scheduled search its scheduled time. ``sid`` is its
    search id; as of a search that somebody typed, if not given.
    Raises SplRejected where Splunk would refuse, SplUnsupported where this interpreter has to.
    """
    return execute(
        lambda: parse(spl, knowledge),
        events=events,
        knowledge=knowledge,
        earliest=earliest,
        latest=latest,
        now=now,
        index_earliest=index_earliest,
        index_latest=index_latest,
        sid=sid,
    )


def execute(
    parsed: Pipeline | Callable[[], Pipeline],
    *,
    events: EventSource,
    knowledge: Knowledge,
    earliest: Bound = None,
    latest: Bound = None,
    now: None | float = None,
    index_earliest: Bound = None,
    index_latest: Bound = None,
    sid: str = "",
) -> Results:
    """``search`` for what ``parse`` made, which may be run any number of times."""
    moment = clock.time() if now is None else now
    notes = messages.collect()
    token = NOW.set(moment)
    try:
        run = Run(
            events,
            knowledge,
            moment,
            times.bound(earliest, moment, 0.0),
            times.bound(latest, moment, math.inf),
            times.bound(index_earliest, moment, -math.inf),
            times.bound(index_latest, moment, math.inf),
            sid or f"{moment:.0f}.1",
        )
        pipeline = parsed if isinstance(parsed, Pipeline) else parsed()
        table = pipeline.run(run)
        results = _results(table.rows, table.columns)
    finally:
        NOW.reset(token)
    results.messages.extend(notes)
    return results


def _results(rows: Iterable[Row], columns: None | list[str]) -> Results:
    fields: dict[str, None] = dict.fromkeys(columns or ())
    made: list[dict[str, Cell]] = []
    for row in rows:
        cells = row.to_dict()
        fields.update(dict.fromkeys(cells))
        made.append(cells)
    return Results(list(fields), made)
