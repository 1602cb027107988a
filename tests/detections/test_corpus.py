"""The shipped searches over real, labelled CloudTrail records: what they find, and what they raise for nothing.

The records are not part of the project (../shared/cloudtrail); without them these tests are skipped.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from detection_samples import DETECTIONS, ROOT

from workbench.detections import compile as compiler
from workbench.replay import ShippedSearches, as_event

CORPUS = ROOT.parent / "shared" / "cloudtrail"
pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason=f"the labelled records are not here ({CORPUS.name})")
Labelled = dict[str, Any]
Hits = dict[str, set[str]]


def _read(path: Path) -> list[Labelled]:
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def corpus() -> tuple[list[Labelled], list[Labelled]]:
    """The labelled records, and the bulk background."""
    return _read(CORPUS / "events.jsonl"), _read(CORPUS / "background.jsonl.gz")


@pytest.fixture(scope="module")
def hits(corpus: tuple[list[Labelled], list[Labelled]]) -> Hits:
    """Families raised, by event id. Each file is searched by itself, as one company's log would be."""
    raised: Hits = defaultdict(set)
    families = {detection.id: detection.family for detection in DETECTIONS}
    for lines in corpus:
        for finding in ShippedSearches(DETECTIONS).findings(as_event(line["event"]) for line in lines):
            for event_id in finding["event_ids"]:
                raised[event_id].add(families[finding["search"]])
    return raised


def _expected(lines: list[Labelled]) -> Iterator[tuple[Labelled, str]]:
    ours = {detection.family for detection in DETECTIONS}
    return ((line, family) for line in lines for family in line.get("expect") or [] if family in ours)


@pytest.mark.extended
@pytest.mark.parametrize("family", ["trail_tampering", "open_security_group", "public_s3"])
def test_what_succeeded_is_found(family: str, corpus: tuple[list[Labelled], list[Labelled]], hits: Hits):
    wanted = [(line["id"], line["event"]) for line, name in _expected([*corpus[0], *corpus[1]])
              if name == family and not line.get("attempted")]  # fmt: skip
    assert wanted
    assert [name for name, event in wanted if family not in hits[event["eventID"]]] == []


def test_denied_calls_are_found(corpus: tuple[list[Labelled], list[Labelled]], hits: Hits):
    refused = [(line, family) for line, family in _expected(corpus[0]) if line.get("attempted")]
    assert refused
    assert [line["id"] for line, family in refused if family not in hits[line["event"]["eventID"]]] == []


#: Families of ours that the labels know nothing of: a finding of theirs is neither right nor wrong.
UNLABELLED = {
    "ses_abuse", "ec2_changes", "role_passed_to_compute", "cluster_and_host_access", "session_and_sign_in_abuse",
    "organization_and_trust_change", "data_copied_out", "data_destroyed", "names_and_routes_changed",
    "network_path_opened", "web_front_changed", "cost_abuse",
}  # fmt: skip
#: Accepted false pairs on labelled records and background together.
TOLERATED = 2


def test_hardly_anything_else_is_raised(corpus: tuple[list[Labelled], list[Labelled]], hits: Hits):
    wrong = []
    for line in [*corpus[0], *corpus[1]]:
        allowed = {*(line.get("expect") or []), *(line.get("accept") or [])}
        wrong += [(line["id"], family) for family in hits[str(line["event"].get("eventID"))] - allowed - UNLABELLED]
    assert len(wrong) <= TOLERATED, wrong


def test_no_search_names_what_is_peculiar_to_the_records(corpus: tuple[list[Labelled], list[Labelled]]):
    peculiar = set()
    for line in [*corpus[0], *corpus[1]]:
        peculiar |= set(_peculiar(line["event"]))
    for detection in DETECTIONS:
        words = set(re.findall(r"[\w.:/@-]{6,}", compiler.search_of(detection)))
        assert words & peculiar == set()


def _peculiar(event: Mapping[str, Any]) -> Iterator[str]:
    """Accounts, addresses, users, keys."""
    identity = event.get("userIdentity") or {}
    for value in (
        event.get("recipientAccountId"), event.get("sourceIPAddress"), identity.get("accountId"),
        identity.get("userName"), identity.get("accessKeyId"), identity.get("arn"),
    ):  # fmt: skip
        if value and not str(value).endswith(".amazonaws.com"):
            yield str(value)
