"""docs/detections/fields.md tells the truth: what it does not name can be cut from every event."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
from detection_samples import DETECTIONS, NOW, as_records, event_of, searches

from spl import MemoryEvents, macros, scanner
from workbench.detections import compile as compiler
from workbench.detections import needed
from workbench.detections.model import Detection
from workbench.replay import ShippedSearches, as_event

KNOWLEDGE = ShippedSearches(DETECTIONS).knowledge
CLOUDTRAIL = [detection for detection in DETECTIONS if detection.source == "cloudtrail"]
EACH = pytest.mark.parametrize("detection", CLOUDTRAIL, ids=lambda detection: detection.id)


def _kept(value: Any, paths: set[str]) -> Any:
    """What of a JSON value the paths lead to; ``""`` among them keeps it whole."""
    if "" in paths:
        return value
    if isinstance(value, list):
        inner = {path[3:] if path.startswith("{}.") else path[2:] if path.startswith("{}") else path for path in paths}
        return [_kept(member, inner) for member in value]
    if not isinstance(value, dict):
        return value
    below: dict[str, set[str]] = {}
    for path in paths:
        head, rest = re.fullmatch(r"([^.{]*)(.*)", path).groups()  # type: ignore[union-attr]
        below.setdefault(head, set()).add(rest.lstrip("."))
    return {key: _kept(member, below[key]) for key, member in value.items() if key in below}


@EACH
def test_everything_else_can_be_cut(detection: Detection):
    found = needed.needs(detection)
    paths = {"eventTime", *needed.shared_fields(), *found.searched, *found.read}
    for sample in detection.samples():
        whole, shipped = as_records(sample), searches(sample)
        cut = [_kept(record, paths) if "eventName" in record else record for record in whole]
        results = [
            # _time is the indexed event's: cutting comes before that, and leaves it.
            shipped.rows(detection.id, MemoryEvents([event_of(record) for record in records]), NOW)[1]
            for records in (whole, cut)
        ]
        assert results[0] == results[1], sample["why"]


@pytest.mark.parametrize("detection", DETECTIONS, ids=lambda detection: detection.id)
def test_no_field_that_a_search_reads_is_left_out(detection: Detection):
    commands = scanner.pipeline(macros.expand(compiler.search_of(detection), KNOWLEDGE))
    read = [one.arguments for one in commands if one.name == "spath" and "input=" not in one.arguments]
    paths = {re.search(r"path=(\S+)", arguments)[1] for arguments in read}  # type: ignore[index]
    listed = needed.needs(detection).read
    assert [path for path in paths if not any(_related(path, one) for one in listed)] == []


def _related(one: str, other: str) -> bool:
    """The same path, or one within the other."""
    short, long = sorted((one, other), key=len)
    return one == other or long.startswith((f"{short}.", f"{short}{{"))


@EACH
def test_what_all_need_is_said_once(detection: Detection):
    line = next(one for one in _page().splitlines() if one.startswith(f"| [{detection.id}]"))
    reads = set(re.findall(r"`([^`]+)`", line.split("|")[3]))
    assert not reads & needed.shared_fields()


def test_the_shared_fields_are_those_of_the_shared_macro():
    read = set(needed._paths(needed.expanded("search x | `cloudtrail_record`").partition("|")[2]))
    assert needed.shared_fields() == read | {"eventSource"}


def test_a_masked_key_changes_nothing_but_the_key():
    (detection,) = (one for one in DETECTIONS if one.id == "trail_deleted")
    record = as_records(detection.samples()[0])[0]
    masked = {**record, "userIdentity": {**record["userIdentity"], "accessKeyId": "AKIA****************"}}
    plain, found = (
        ShippedSearches(DETECTIONS).rows(detection.id, MemoryEvents([as_event(one)]), NOW)[1][0]
        for one in (record, masked)
    )
    assert {**plain, "access_key_id": None} == {**found, "access_key_id": None}


@cache
def _page() -> str:
    return needed.page(DETECTIONS, "")
