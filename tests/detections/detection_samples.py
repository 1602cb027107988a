"""Samples as events, and the searches they are held against."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sandbox.detect import ShippedSearches, as_event
from sandbox.spl import Event, MemoryEvents
from tools.detections.model import Detection, load

ROOT = Path(__file__).resolve().parents[2]
DETECTIONS = load(ROOT / "detections")
#: After every sample and before every allow-list entry that is to be in force.
NOW = 1_750_000_000.0


def all_samples() -> list[Any]:
    return [
        pytest.param(detection, sample, id=f"{detection.id}-{number}-{sample.get('case')}")
        for detection in DETECTIONS
        for number, sample in enumerate(detection.samples())
    ]


def events_of(sample: Mapping[str, Any]) -> list[Event]:
    records = copy.deepcopy(sample["events"])
    if "pad" in sample:
        for record in records:
            _pad(record, **sample["pad"])
    return [as_event(record) for record in records]


def _pad(record: dict[str, Any], path: str, kilobytes: int) -> None:
    """Make a record long by harmless members in front of a list in it."""
    members: Any = record
    for key in path.split("."):
        members = members[key]
    filler = {"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "s3:DeleteBucket"}
    while len(json.dumps(record)) < kilobytes * 1024:
        members.insert(0, {"Sid": f"filler{len(members)}", **filler})


def searches(sample: Mapping[str, Any]) -> ShippedSearches:
    locations = {address: {"Country": country} for address, country in sample.get("locations", {}).items()}
    return ShippedSearches(DETECTIONS, lookups=sample.get("lookups", {}), locate=locations.get)


def run(detection: Detection, sample: Mapping[str, Any]) -> tuple[list[str], list[dict[str, Any]]]:
    """Columns and rows of the detection's search over the sample's events."""
    return searches(sample).rows(detection.id, MemoryEvents(events_of(sample)), NOW)
