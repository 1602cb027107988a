"""Every sample of every detection, run through the search as shipped, gives the finding it declares.

A denied call never becomes the case of its success: its dedup key is another, and its severity is its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from detection_samples import all_samples, run
from responder.findings.finding import FIELDS, Finding

from workbench.detections.model import Detection


@pytest.mark.parametrize(("detection", "sample"), all_samples())
def test_a_sample_gives_the_finding_it_declares(detection: Detection, sample: Mapping[str, Any]):
    columns, rows = run(detection, sample)
    if sample["case"] == "silent" or sample.get("finding") is False:
        assert rows == [], sample["why"]
        return
    assert len(rows) == 1, sample["why"]
    assert tuple(columns) == tuple(FIELDS)
    row = rows[0]
    found = {name: row.get(name) for name in sample.get("expect", {})}
    assert found == sample.get("expect", {}), sample["why"]
    assert row["dedup_key"].startswith(f"{detection.id}:")
    assert row["dedup_key"].endswith(":denied") == (row["outcome"] == "failure"), "a denied call in its success's case"
    if row["outcome"] == "failure":
        assert row["severity"] == detection.severity_when_denied
    finding = Finding.from_row(row)
    assert finding.signature_id == detection.id
    assert finding.outcome == ("failure" if sample["case"] == "denied" else "success")
    assert finding.event_ids and finding.event_count == len(finding.event_ids)
    assert finding.reason and finding.object_id and finding.command and finding.user
    if "detail" in sample:
        assert json.loads(row["detail"]) == sample["detail"]
