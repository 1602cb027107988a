"""Searches are parsed once: what they are held against is each caller's own all the same."""

from __future__ import annotations

import pytest
from detection_samples import DETECTIONS

from spl import MemoryEvents, SplRejected
from workbench.replay import ShippedSearches, as_event
from workbench.replay.shipped import AppKnowledge

NOW = 1_750_000_000.0
STOPPED = next(one for one in DETECTIONS if one.id == "trail_logging_stopped")
RECORD = STOPPED.samples()[0]["events"][0]


def found(shipped: ShippedSearches) -> int:
    return len(shipped.rows(STOPPED.id, MemoryEvents([as_event(RECORD)]), NOW)[1])


def test_a_list_of_one_caller_excuses_nobody_for_another_one():
    excused = ShippedSearches([STOPPED], lookups={"responder_allowed_principals": [{"principal": "*"}]})
    plain = ShippedSearches([STOPPED])
    assert plain.knowledge.parse("index=main | stats count") is excused.knowledge.parse("index=main | stats count")
    assert [found(plain), found(excused), found(plain)] == [1, 0, 1]


def test_other_detections_beside_it_leave_a_search_the_same():
    among = ShippedSearches(DETECTIONS[:2])
    assert among.knowledge.parse("index=main | stats dc(x)") is ShippedSearches([STOPPED]).knowledge.parse(
        "index=main | stats dc(x)"
    )


def test_what_an_administrator_has_set_counts_for_them_only():
    nowhere = ShippedSearches([STOPPED], settings={"cloudtrail_index": "index=elsewhere"})
    assert [found(ShippedSearches([STOPPED])), found(nowhere), found(ShippedSearches([STOPPED]))] == [1, 0, 1]


def test_a_table_without_a_definition_is_known_to_whoever_brings_it():
    search = "index=main | lookup my_own_table user"
    assert AppKnowledge([STOPPED], {"my_own_table": [{"user": "ann", "team": "ops"}]}).parse(search).stages
    with pytest.raises(SplRejected, match="my_own_table"):
        AppKnowledge([STOPPED], {}).parse(search)


def test_whoever_changes_a_sample_changes_it_for_nobody_else():
    STOPPED.samples()[0]["events"][0]["eventName"] = "DescribeTrails"
    assert STOPPED.samples()[0]["events"][0] == RECORD
