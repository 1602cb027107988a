"""Samples as events, and the searches they are held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from spl import MemoryEvents
from workbench.detections.model import Detection, load
from workbench.replay import ShippedSearches
from workbench.replay.samples import as_records, event_of, events_of

__all__ = ["as_records", "event_of", "events_of"]
ROOT = Path(__file__).resolve().parents[2]
DETECTIONS = load(ROOT / "detections")
#: After every sample and before every allow-list entry that is to be in force.
NOW = 1_750_000_000.0


def of_each(test: Callable[[Detection], None]) -> Callable[[], None]:
    """One test that asks every detection and names each that fails.

    For what takes a few milliseconds: hundreds of tests of that kind take longer to be started than to run.
    """

    def asked() -> None:
        wrong = {}
        for detection in DETECTIONS:
            try:
                test(detection)
            except AssertionError as error:
                wrong[detection.id] = str(error)
        assert not wrong, "\n".join(f"{name}: {text}" for name, text in wrong.items())

    asked.__name__, asked.__doc__, asked.__module__ = test.__name__, test.__doc__, test.__module__
    return asked


def all_samples() -> list[Any]:
    return [
        pytest.param(detection, sample, id=f"{detection.id}-{number}-{sample.get('case')}")
        for detection in DETECTIONS
        for number, sample in enumerate(detection.samples())
    ]


def searches(sample: Mapping[str, Any]) -> ShippedSearches:
    locations = {address: {"Country": country} for address, country in sample.get("locations", {}).items()}
    return ShippedSearches(DETECTIONS, lookups=sample.get("lookups", {}), locate=locations.get)


def run(detection: Detection, sample: Mapping[str, Any]) -> tuple[list[str], list[dict[str, Any]]]:
    """Columns and rows of the detection's search over the sample's events."""
    return searches(sample).rows(detection.id, MemoryEvents(events_of(sample)), NOW)
