"""Each figure of the score, against a corpus that can be counted by hand (tiny_corpus.py)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from tiny_corpus import BACKGROUND, LABELLED, line, record, write

from workbench.score import Labeled, NoSuchDetection, Score, measure, read_corpus, tally


@pytest.fixture(scope="module")
def score(tmp_path_factory: pytest.TempPathFactory) -> Score:
    return measure(read_corpus(write(tmp_path_factory.mktemp("corpus"))))


def test_cases_are_counted_apart_by_what_became_of_them(score: Score):
    kinds = score.families["trail_tampering"].kinds
    # stopped and the chain are found; hidden is missed.
    assert (kinds["succeeded"].found, kinds["succeeded"].missed) == (2, 1)
    assert (kinds["refused"].found, kinds["refused"].missed) == (1, 0)
    assert (kinds["made_up"].found, kinds["made_up"].missed) == (1, 0)


def test_each_count_names_its_records(score: Score):
    family = score.families["trail_tampering"]
    assert family.kinds["succeeded"].found_ids == ["stopped", "chain-2"]
    assert family.kinds["succeeded"].missed_ids == ["hidden"]
    assert family.kinds["refused"].found_ids == ["refused"]
    assert family.tolerated_ids == ["tolerated"]
    assert [(pair.id, pair.family, pair.detections, pair.bulk) for pair in score.false_pairs] == [
        ("bulk-1", "trail_tampering", ("trail_logging_stopped",), True),
        ("wrong", "trail_tampering", ("trail_logging_stopped",), False),
    ]


def test_a_family_without_a_detection_is_missed_and_said_to_have_none(score: Score):
    unknown = score.families["moon_phases"]
    assert (unknown.detections, unknown.kinds["succeeded"].missed_ids) == (0, ["other-family"])
    assert (score.total("succeeded").found, score.total("succeeded").cases) == (2, 4)
    assert (score.total("succeeded", covered=True).found, score.total("succeeded", covered=True).cases) == (2, 3)


def test_precision_counts_a_group_once_and_what_is_tolerated_not_at_all(score: Score):
    # Found: 2 succeeded, 1 refused, 1 made up. False: wrong and bulk-1.
    assert score.precision == pytest.approx(4 / 6)
    assert score.right_pairs == 4
    assert score.pair_precision == pytest.approx(4 / 6)


def test_the_background_is_counted_per_thousand(score: Score):
    assert score.background_records == 2
    assert score.false_per_1000 == pytest.approx(500)


def test_any_right_family_needs_one_of_the_expected():
    both = {"id": "x", "event": record("StopLogging", "e"), "expect": ["trail_tampering", "moon_phases"]}
    (labeled,) = read_lines([both])
    raised = {"x": {"moon_phases": {"full_moon"}}}
    score = tally([labeled], raised, {"full_moon": "moon_phases", "trail_deleted": "trail_tampering"})
    assert (score.any_right_family["succeeded"].found, score.total("succeeded").found) == (1, 1)
    assert score.families["trail_tampering"].kinds["succeeded"].missed_ids == ["x"]
    wrong = tally([labeled], {"x": {"tides": {"flood"}}}, {"flood": "tides"})
    assert (wrong.any_right_family["succeeded"].found, len(wrong.false_pairs), wrong.precision) == (0, 1, 0.0)


def test_a_burst_counts_once_by_case_and_each_record_by_record():
    burst = read_lines(
        [line(f"r{n}", record("GetTrail", f"g-{n}"), expect=["recon"], group="burst") for n in range(9)]
        + [line("innocent", record("GetTrail", "g-9"))]
    )
    raised = {one.id: {"recon": {"many_calls"}} for one in burst}
    score = tally(burst, raised, {"many_calls": "recon"})
    assert score.total("succeeded").found == 1
    assert score.precision == pytest.approx(1 / 2)
    assert score.pair_precision == pytest.approx(9 / 10)


def test_a_group_is_refused_only_when_all_of_it_was():
    half = read_lines(
        [
            line("denied", record("GetTrail", "h-1"), expect=["recon"], group="g", attempted=True),
            line("allowed", record("GetTrail", "h-2"), expect=["recon"], group="g"),
        ]
    )
    score = tally(half, {"denied": {"recon": {"many_calls"}}}, {"many_calls": "recon"})
    assert score.families["recon"].kinds["succeeded"].found_ids == ["denied"]
    assert score.families["recon"].kinds["refused"].cases == 0


def test_nothing_raised_has_no_precision():
    quiet = tally(read_lines(BACKGROUND), {}, {"trail_deleted": "trail_tampering"})
    assert (quiet.precision, quiet.pair_precision, quiet.false_per_1000) == (None, None, None)


def test_only_a_family_or_a_detection_is_scored(tmp_path: Path):
    corpus = read_corpus(write(tmp_path))
    one = measure(corpus, only=["trail_deleted"])
    assert list(one.families) == ["trail_tampering"]
    assert one.families["trail_tampering"].kinds["refused"].found == 1
    assert one.total("succeeded").found == 0
    assert list(measure(corpus, families=["public_s3"]).families) == ["public_s3"]
    with pytest.raises(NoSuchDetection, match="no_such"):
        measure(corpus, only=["no_such"])
    with pytest.raises(NoSuchDetection, match="moon_phases"):
        measure(corpus, families=["moon_phases"])


def read_lines(lines: list[dict[str, Any]]) -> list[Labeled]:
    """Lines as labeled records of a corpus, none of them bulk."""
    with tempfile.TemporaryDirectory() as folder:
        return list(read_corpus(write(Path(folder), lines, [])).records)


def test_the_tiny_corpus_is_as_the_figures_assume():
    assert (len(LABELLED), len(BACKGROUND)) == (9, 2)
