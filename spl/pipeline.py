"""From the text of a search to its result: parse everything, then run it."""

from __future__ import annotations

import math
import re
import time as clock
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import Union

from . import commands, external, macros, messages, scanner, times
from .errors import SplRejected, SplUnsupported
from .functions.time_functions import NOW
from .memory import MemoryKnowledge
from .model import EventSource, Knowledge, Results
from .row import Row
from .stage import Command, Context, Pipeline, Run, Shared, Stage, joined
from .values import Cell

Bound = Union[None, float, str]
#: Text of a search between two pipes, and whether a macro stands for it.
Part = tuple[str, bool]
#: Commands that look at each row for itself, unless they ask for the time, for chance, or for a subsearch.
_ALONE = frozenset({"eval", "where", "search", "spath", "rex", "regex", "fields", "mvexpand"})
_ELSE = re.compile(r"\b(?:now|time|random|lookup|searchmatch)\s*\(|\[")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.S)
_ONE_MACRO = re.compile(r"\s*`[^`]+`\s*")
#: Of so many commands what was parsed is kept.
KEPT = 8192


def parse(spl: str, knowledge: Knowledge) -> Pipeline:
    """Expand macros and check the whole search. Raises SplRejected or SplUnsupported; reads no event."""
    try:
        parts = _parts(spl, knowledge)
        return _parse("|".join(text for text, _ in parts), knowledge, parts=parts)
    except RecursionError:
        raise SplUnsupported("The search is nested too deeply.") from None


def _parts(spl: str, knowledge: Knowledge) -> list[Part]:
    """The search with its macros written out, cut where it says a pipe; what is one macro is known as such."""
    plain = scanner.without_comments(spl)
    try:
        pieces = scanner.pieces(plain)
        return [(macros.expand(piece, knowledge), bool(_ONE_MACRO.fullmatch(piece))) for piece in pieces]
    except SplRejected:
        # A quote or bracket that ends in another macro than it began in; or it is wrong, and is said to be.
        return [(macros.expand(spl, knowledge), False)]


def _parse(text: str, knowledge: Knowledge, inside: bool = False, parts: Sequence[Part] = ()) -> Pipeline:
    """``inside``: a subpipeline, whose first command works on the rows there are. ``parts``: what it is made of."""
    segments = scanner.pipeline(text)
    # An unknown command is reported first, whatever else is wrong.
    known = [_command(segment.name, knowledge) for segment in segments]
    stages: list[Stage] = []
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
            if not first and _is_alone(segment):
                stage, notes = _alone(segment.name, segment.arguments)
                for one in notes:
                    messages.note(one)
                stages.append(stage)
            else:
                stages.append(command.parse(segment.arguments, context))
        except SplRejected as error:
            raise SplRejected(_placed(place, error)) from error
        except SplUnsupported as error:
            raise SplUnsupported(_placed(place, error)) from error
    return Pipeline(joined(_with_shared(stages, segments, parts)))


def _with_shared(stages: list[Stage], segments: Sequence[scanner.Segment], parts: Sequence[Part]) -> Iterator[Stage]:
    """The stages; those with which a macro begins and that look at each row alone as one that searches share."""
    lengths = [len(scanner.pieces(text)) for text, _ in parts]
    if parts and not parts[0][0].strip():
        parts, lengths = parts[1:], lengths[1:]
    if sum(lengths) != len(stages):
        yield from stages
        return
    at = 0
    for (_, is_macro), length in zip(parts, lengths):
        some = segments[at : at + length]
        alone = list(takewhile(_is_alone, some)) if at and is_macro else []
        if alone:
            yield _shared(tuple((segment.name, segment.arguments) for segment in alone))
        yield from stages[at + len(alone) : at + length]
        at += length


def _is_alone(segment: scanner.Segment) -> bool:
    """The command looks at each row for itself, and at nothing else."""
    return segment.name in _ALONE and not _ELSE.search(_QUOTED.sub("", segment.arguments))


@lru_cache(maxsize=KEPT)
def _alone(name: str, arguments: str) -> tuple[Stage, tuple[str, ...]]:
    """Such a command parsed, with what is to be noted of it: most are in many searches. Raises SplError."""
    context = Context(MemoryKnowledge(), False, _never, _never)
    return messages.overheard(lambda: commands.find(name).parse(arguments, context))


@lru_cache(maxsize=KEPT)
def _shared(some: tuple[tuple[str, str], ...]) -> Shared:
    return Shared([_alone(name, arguments)[0] for name, arguments in some])


def _never(text: str) -> Pipeline:
    raise SplUnsupported(f"A subsearch cannot stand in '{text}'.")


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
