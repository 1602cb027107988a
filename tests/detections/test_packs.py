"""Packs name detections that are there."""

from __future__ import annotations

from pathlib import Path

import pytest
from responder.errors import NotFound
from responder.packs.pack import Pack, of, packs

from workbench.detections.model import load

DETECTIONS = Path(__file__).resolve().parents[2] / "detections"


@pytest.fixture(scope="module")
def by_id() -> dict[str, object]:
    return {detection.id: detection for detection in load(DETECTIONS)}


@pytest.mark.parametrize("pack", packs(), ids=lambda pack: pack.id)
def test_a_pack_names_each_of_its_detections_once_and_all_are_there(pack: Pack, by_id: dict[str, object]) -> None:
    assert sorted(set(pack.detections)) == list(pack.detections)
    assert set(pack.detections) <= set(by_id), "a detection was renamed, or is gone"
    assert pack.detections or pack.most_cases is not None, "all of them, however noisy, is no choice"


def test_the_essential_ones_are_twenty_and_none_waits_for_a_list() -> None:
    assert len(of("essential").detections) == 20
    with pytest.raises(NotFound, match="essential"):
        of("no such pack\n")
