"""What reading CloudTrail in its other shapes costs: processor time of searches over the same records in each shape.

The interpreter stands in for Splunk's search process, so the ratios say which shapes cost more work and how plain
records fare, not how long Splunk takes. Each search runs over all events at once; of plain records, the median of three
turns counts.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Figure, median, table
from spl import Event, MemoryEvents, execute, parse
from spl.stage import Pipeline
from workbench.detections import base_search
from workbench.detections import compile as compiler
from workbench.replay import ShippedSearches
from workbench.replay.records import Record, as_event
from workbench.shapes import EVERYTHING, OCSF, SHAPES, Converter

# The generator of ordinary days belongs to the tests of the detections.
sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "detections"))
import ordinary_day

RECORDS, TURNS = 20_000, 3
#: Records in a log file or a batch; CloudTrail's own files have hundreds.
TOGETHER = 200
#: One that reads every event, one that reads many, one that reads few.
SEARCHES = ("api_use_from_foreign_country", "many_kinds_of_calls_refused", "security_group_opened_to_world")
FOREVER = 4_102_444_800.0


def main() -> list[Figure]:
    records = ordinary_records()
    shipped = ShippedSearches(settings={"cloudtrail_index": EVERYTHING["cloudtrail_index"]})
    texts = [compiler.search_of(shipped.detections[name]) for name in SEARCHES]
    all_on = ShippedSearches(settings=EVERYTHING)
    as_shipped = [parse(text, shipped.knowledge) for text in texts]
    reading = [parse(text, all_on.knowledge) for text in texts]
    without = [parse(_of_plain_records(text), shipped.knowledge) for text in texts]
    costs: dict[str, list[float]] = {}
    for _ in range(TURNS):
        costs.setdefault("without", []).append(_cost(records, plain, without, shipped))
        costs.setdefault("plain records, shapes as shipped", []).append(_cost(records, plain, as_shipped, shipped))
        costs.setdefault("plain records, OCSF is read, too", []).append(_cost(records, plain, reading, shipped))
    for name, convert in SHAPES.items():
        read_by = reading if name in OCSF else as_shipped
        costs[name] = [_cost(records, convert, read_by, shipped)]
    middle = {name: median(each) for name, each in costs.items()}
    base = middle.pop("without")
    aims = {"plain records, shapes as shipped": "at most 1.1"}
    return [
        Figure(f"CPU of searches over {RECORDS:,} records: {name}", f"{cost / base:.2f}", "plain, no shape is read: 1",
               cost / base, aims.get(name, ""))
        for name, cost in middle.items()
    ]  # fmt: skip


def plain(records: Sequence[Record]) -> list[Event]:
    return [as_event(record) for record in records]


def ordinary_records() -> list[Record]:
    """Ordinary days, as many as it takes for ``RECORDS``."""
    made: list[Record] = []
    seed = 0
    while len(made) < RECORDS:
        made += ordinary_day.records(seed)
        seed += 1
    return made[:RECORDS]


def _of_plain_records(search: str) -> str:
    """The search as it would be if plain records were all there is."""
    base, door, normalized, again, rest = search.split("\n", 4)
    assert door == compiler.DOOR and normalized == compiler.NORMALIZED, "the build writes searches differently"
    index, wanted = base.partition(" ")[0], again.partition(base_search.AGAIN)[2].rpartition(")")[0]
    return "\n".join([f"{index} {wanted}", door, rest])


def _cost(
    records: Sequence[Record], convert: Converter, searches: Sequence[Pipeline], shipped: ShippedSearches
) -> float:
    """Processor time, with events that nobody has read before."""
    parts = [records[at : at + TOGETHER] for at in range(0, len(records), TOGETHER)]
    total = 0.0
    for search in searches:
        events = MemoryEvents([event for part in parts for event in convert(part)])
        started = time.process_time()
        execute(search, events=events, knowledge=shipped.knowledge, latest=FOREVER, now=FOREVER)
        total += time.process_time() - started
    return total


if __name__ == "__main__":
    print(table(main()))
