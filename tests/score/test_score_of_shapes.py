"""The score is the same in every shape of CloudTrail, with the fields of the Splunk Add-on for AWS as well.

Whatever is raised on each record is compared, by each run of each search: with that the figures are the same. In OCSF a
detection may lose what docs/ocsf.md says that it loses; versions that nobody publishes are read as the others, of which
the tests of shapes say so. The records are those of test_labeled_records.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from workbench.replay import ShippedSearches, as_event
from workbench.score import Corpus, raised, read_corpus
from workbench.shapes import EVERYTHING, SHAPES, UNPUBLISHED, delivered, losses

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT.parent / "shared" / "cloudtrail"
#: A family on a record, and the detection that raised it.
Raised = set[tuple[str, str, str]]

# OCSF is rebuilt by some sixty expressions for each record and search.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    if not FOLDER.is_dir():
        pytest.skip("the labeled records are not here (../shared/cloudtrail)")
    return read_corpus(FOLDER)


@pytest.fixture(scope="module")
def plain(corpus: Corpus) -> Raised:
    return _raised(corpus, ShippedSearches(), map(as_event, _records(corpus)))


@pytest.mark.parametrize("shape", [name for name in SHAPES if name not in UNPUBLISHED])
def test_the_score_is_the_same_in_every_shape(corpus: Corpus, plain: Raised, shape: str):
    searches = ShippedSearches(settings=EVERYTHING, addon=True)
    found = _raised(corpus, searches, delivered(_records(corpus), shape))
    assert found - plain == set()
    lost = {one for one in plain - found if (one[2], shape) not in _known_losses()}
    assert plain and lost == set()


def _records(corpus: Corpus) -> list[dict[str, Any]]:
    """Each with an eventID: without one, a finding names a hash of the text, which is another in another shape."""
    return [{**record.event.document, "eventID": record.event_id} for record in corpus.records]


def _raised(corpus: Corpus, searches: ShippedSearches, events: Any) -> Raised:
    families = {name: detection.family for name, detection in searches.detections.items()}
    found: Mapping[str, Mapping[str, set[str]]] = raised(corpus, searches, families, events)
    return {
        (record, family, detection)
        for record, by in found.items()
        for family, detections in by.items()
        for detection in detections
    }


def _known_losses() -> set[tuple[str, str]]:
    """Detections that find nothing in some of their samples, with the version of OCSF."""
    page = (ROOT / "docs" / losses.FILE).read_text(encoding="utf-8")
    rows = re.findall(rf"^\| \[(\w+)\]\([^)]*\) \| (.+?) \| .*{losses.NO_FINDING}.* \|$", page, re.M)
    return {(detection, f"OCSF {version}") for detection, version in rows}
