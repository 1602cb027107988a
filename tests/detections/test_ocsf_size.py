"""What a record of Security Lake costs grows with its size, whatever a caller puts into it: names, values, leaves."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from detection_samples import DETECTIONS, NOW

from spl import Event, MemoryEvents, search
from workbench.replay import ShippedSearches

KNOWLEDGE = ShippedSearches(DETECTIONS).knowledge
SPL = 'search index=main | eval cloudtrail_shape="ocsf", cloudtrail_part=null() | `cloudtrail_read_ocsf`'
Leaves = Callable[[int], dict[str, str]]
#: Of about so many characters: what is in "unmapped".
HOSTILE: dict[str, Leaves] = {
    "leaves beside each other": lambda size: {f"requestParameters.a.b.c.k{n}": "v" for n in range(size // 30)},
    "leaves apart": lambda size: {f"requestParameters.a{n}.b.c.k": "v" for n in range(size // 30)},
    "a long value": lambda size: {"requestParameters.a.b.c.k": "x" * size},
    "a value of marks": lambda size: {"requestParameters.a.b.c.k": '"~' * (size // 2)},
    "a value that is nearly JSON": lambda size: {"requestParameters.a.b.c.k": "[" * size},
    "a deep name": lambda size: {"requestParameters." + "a." * (size // 2) + "k": "v"},
    "a long name": lambda size: {"requestParameters." + "a" * size: "v"},
}


#: Of an object each name is looked up in all of it: that costs the square of their number. CloudTrail's limit of 256 KB
#: for an event is what bounds it.
SQUARE = {("leaves beside each other", "object"), ("leaves apart", "object")}


@pytest.mark.parametrize("shape", ["pairs", pytest.param("object", marks=pytest.mark.extended)])
@pytest.mark.parametrize("name", HOSTILE)
def test_four_times_the_record_costs_about_four_times_as_much(name: str, shape: str) -> None:
    leaves = HOSTILE[name]

    def cost(size: int) -> float:
        found = leaves(size)
        pairs = [{"key": name, "value": value} for name, value in found.items()]
        unmapped = found if shape == "object" else pairs
        record = {"class_uid": 3005, "api": {"operation": "PutObject"}, "unmapped": unmapped}
        events = MemoryEvents([Event(json.dumps(record), NOW - 60, "main", "aws:asl", source="lake", indextime=NOW)])
        started = time.process_time()
        (row,) = search(SPL, events=events, knowledge=KNOWLEDGE, now=NOW).rows
        assert "PutObject" in str(row["_raw"])
        return time.process_time() - started

    cost(1_000)
    small, large = min(cost(15_000) for _ in range(3)), min(cost(60_000) for _ in range(3))
    most = 30 if (name, shape) in SQUARE else 9
    assert large < most * small, f"{small:.3f} s and {large:.3f} s: the square would be sixteen times as much"
