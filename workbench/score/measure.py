"""The searches over a corpus, as their schedules would have run them."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from spl import Event
from workbench.replay import ShippedSearches
from workbench.replay.shipped import reading

from .corpus import Corpus, Labeled
from .score import Score, tally


class NoSuchDetection(Exception):
    """A family or id that no detection has; the message names those that there are."""


def measure(
    corpus: Corpus,
    searches: ShippedSearches | None = None,
    *,
    families: Iterable[str] = (),
    only: Iterable[str] = (),
    on_run: Callable[[float], None] = lambda at: None,
) -> Score:
    """Score the detections, or those of some families, or some of them, over all records as one log.

    Of the others' families nothing is expected then. Raises NoSuchDetection.
    """
    ran = searches or ShippedSearches(reading(corpus.sources))
    chosen = _chosen(ran, list(families), list(only))
    started = time.monotonic()
    runs = 0

    def count(at: float) -> None:
        nonlocal runs
        runs += 1
        on_run(at)

    found = raised(corpus, ran, chosen, (record.event for record in corpus.records), count)
    score = tally(_narrowed(corpus, set(chosen.values()), bool(families or only)), found, chosen)
    score.notes, score.runs, score.seconds = corpus.notes(), runs, time.monotonic() - started
    return score


def raised(
    corpus: Corpus,
    searches: ShippedSearches,
    families: Mapping[str, str],
    events: Iterable[Event],
    on_run: Callable[[float], None] = lambda at: None,
) -> dict[str, dict[str, set[str]]]:
    """What detections raise on the records, which reach Splunk as ``events``: ``{record id: {family: {detection}}}``.

    ``families``: of each detection that is to run.
    """
    by_event: dict[str, list[str]] = defaultdict(list)
    for record in corpus.records:
        by_event[record.event_id].append(record.id)
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for _, finding in searches.replay(events, families, on_run):
        family = families[finding["search"]]
        for event_id in finding["event_ids"]:
            for name in by_event.get(event_id, ()):
                found[name][family].add(finding["search"])
    return found


def _chosen(searches: ShippedSearches, families: list[str], only: list[str]) -> dict[str, str]:
    of = {name: detection.family for name, detection in searches.detections.items()}
    if unknown := [name for name in only if name not in of]:
        raise NoSuchDetection(f"There is no detection {', '.join(unknown)}. Known: {', '.join(of)}.")
    if unknown := [name for name in families if name not in of.values()]:
        known = ", ".join(sorted(set(of.values())))
        raise NoSuchDetection(f"No detection is of the family {', '.join(unknown)}. Known: {known}.")
    return {
        name: family
        for name, family in of.items()
        if (not only or name in only) and (not families or family in families)
    }


def _narrowed(corpus: Corpus, families: set[str], narrow: bool) -> list[Labeled]:
    if not narrow:
        return list(corpus.records)
    return [
        Labeled(**{**vars(record), "expect": record.expect & families, "accept": record.accept & families})
        for record in corpus.records
    ]
