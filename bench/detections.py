"""What all detections together cost in the workbench: processor time over 20,000 records of ordinary days.

The interpreter stands in for Splunk, so the figure says how long ``workbench`` takes and which searches are dear beside
the others, not what a search head needs. The records are such as nobody has read before, the searches are parsed; the
median of three turns counts.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from bench.figures import Figure, median, table
from bench.shapes import FOREVER, RECORDS, ordinary_records, plain
from spl import MemoryEvents
from workbench import garbage
from workbench.detections import compile as compiler
from workbench.replay import ShippedSearches

TURNS = 3
#: CPU seconds that all detections over these records may take.
MOST = 12
#: So many of the dearest searches are named with ``--dearest``.
DEAREST = 15


def main() -> list[Figure]:
    garbage.seldom()
    records, searches = ordinary_records(), ShippedSearches()
    parsing = _cost(lambda: _parse(searches))
    texts = [event.raw for event in plain(records)]
    costs: dict[str, list[float]] = {"all": [], "json": []}
    for _ in range(TURNS):
        costs["all"].append(_cost(partial(searches.findings, plain(records), now=FOREVER)))
        costs["json"].append(_cost(lambda: [json.loads(text) for text in texts]))
    ours, beside = median(costs["all"]), median(costs["json"])
    what = f"CPU of all {len(searches.detections)} detections of CloudTrail over {RECORDS:,} records"
    return [
        Figure(what, f"{ours:.1f} s, and {parsing:.1f} s to parse them", f"json.loads of each: {beside:.2f} s",
               ours / beside, f"at most {MOST} s"),
    ]  # fmt: skip


def dearest() -> list[tuple[float, str]]:
    """CPU seconds of each search, the dearest first. The first that reads all records reads them for the others."""
    garbage.seldom()
    searches, events = ShippedSearches(), MemoryEvents(plain(ordinary_records()))
    _parse(searches)
    costs = ((_cost(partial(searches.rows, name, events, FOREVER)), name) for name in searches.detections)
    return sorted(costs, reverse=True)


def _parse(searches: ShippedSearches) -> None:
    for detection in searches.detections.values():
        searches.knowledge.parse(compiler.search_of(detection))


def _cost(work: Callable[[], Any]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    if "--dearest" in sys.argv:
        print("\n".join(f"{seconds:6.2f} s  {name}" for seconds, name in dearest()[:DEAREST]))
    else:
        print(table(main()))
