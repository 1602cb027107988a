"""The searches in the built app, with its macros and lookups, find what their samples say."""

from __future__ import annotations

from pathlib import Path

import pytest
from detection_samples import DETECTIONS, NOW, events_of
from responder.findings.finding import FIELDS

from spl import MemoryEvents, MemoryKnowledge, conffile, search
from workbench.detections import compile as compiler


@pytest.fixture(scope="module")
def confs(app_dir: Path) -> dict[str, conffile.Stanzas]:
    names = ("savedsearches", "macros", "transforms", "collections")
    default = app_dir / "default"
    return {name: conffile.parse((default / f"{name}.conf").read_text(encoding="utf-8")) for name in names}


def test_each_search_of_the_built_app_fires(confs: dict[str, conffile.Stanzas]):
    for detection in DETECTIONS:
        sample = next(sample for sample in detection.samples() if sample["case"] == "fires")
        knowledge = MemoryKnowledge(
            macros=confs["macros"],
            lookups=sample.get("lookups", {}),
            transforms=confs["transforms"],
            locations={address: {"Country": country} for address, country in sample.get("locations", {}).items()},
        )
        spl = confs["savedsearches"][compiler.name_of(detection)]["search"]
        results = search(spl, events=MemoryEvents(events_of(sample)), knowledge=knowledge, latest=4e9, now=NOW)
        assert [row["signature_id"] for row in results.rows] == [detection.id]
        assert tuple(results.fields) == tuple(FIELDS)


def test_lookups_that_searches_read_are_collections_of_the_app(confs: dict[str, conffile.Stanzas]):
    for name in ("responder_allowed_countries", "responder_allowed_networks", "responder_accounts"):
        assert confs["transforms"][name]["collection"] in confs["collections"]
