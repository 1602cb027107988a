"""What the shipped detections find in real, labeled records, and their false positives.

The records are not part of the project (../shared/cloudtrail); without them these tests are skipped.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.replay import ShippedSearches
from workbench.score import Score, measure, read_corpus

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "cloudtrail"
FOUND, PRECISION, FALSE_ON_BACKGROUND = 0.95, 0.95, 2


def _labeled_families() -> set[str]:
    """Who labeled the records knew of no other family: whatever those raise there is neither right nor wrong."""
    named = {name for record in read_corpus(FOLDER).records for name in record.expect | record.accept}
    return named & {detection.family for detection in ShippedSearches().detections.values()}


@pytest.fixture(scope="module")
def score() -> Score:
    if not FOLDER.is_dir():
        pytest.skip("the labeled records are not here (../shared/cloudtrail)")
    return measure(read_corpus(FOLDER), families=_labeled_families())


@pytest.mark.slow
def test_the_score_is_the_same_where_the_addon_is_installed(score: Score):
    """Of every run of every search, by its schedule; ids and figures alike."""
    found, plain = measure(
        read_corpus(FOLDER), ShippedSearches(addon=True), families=_labeled_families()
    ).to_json(), score.to_json()
    for figures in (found, plain):
        del figures["seconds"]
    assert found == plain


@pytest.mark.extended
def test_nearly_all_successful_attacks_are_found(score: Score):
    found = score.total("succeeded", covered=True)
    assert found.share is not None and found.share >= FOUND, found.missed_ids


def test_no_family_finds_nothing(score: Score):
    blind = []
    for name, family in score.families.items():
        counts = family.kinds.values()
        if family.detections and any(one.cases for one in counts) and not any(one.found for one in counts):
            blind.append(name)
    assert blind == []


def test_false_positives_are_rare(score: Score):
    assert score.precision is not None and score.precision >= PRECISION, score.false_pairs
    assert len(score.background_false_pairs) <= FALSE_ON_BACKGROUND, score.background_false_pairs
