"""Titles that detections had: each leads to one that ships, or what people changed of it would be left behind."""

from __future__ import annotations

import json

from responder.findings import renamed

from tests.detections.detection_samples import DETECTIONS
from workbench.detections.compile import baseline_name_of, name_of


def test_each_former_title_leads_to_one_that_ships_and_is_no_title_now():
    titles = json.loads(renamed.FILE.read_text(encoding="utf-8"))["titles"]
    shipped = {one.title for one in DETECTIONS}
    assert set(titles.values()) <= shipped
    assert not shipped & set(titles)


def test_a_search_and_its_baseline_are_found_by_the_name_they_had():
    one = next(one for one in DETECTIONS if one.id == "access_key_used_from_new_network")
    former = "Access key used from a new network"
    assert renamed.current(f"CloudTrail Responder - {former}") == name_of(one)
    assert renamed.current(f"CloudTrail Responder - baseline: {former}") == baseline_name_of(one)
    assert renamed.lasting(name_of(one)) == f"CloudTrail Responder - {former}"
    assert renamed.lasting("CloudTrail Responder - my copy") == "CloudTrail Responder - my copy"


def test_of_several_former_names_the_oldest_stays_the_one_that_keys_are_made_of(tmp_path, monkeypatch):
    file = tmp_path / "renamed.json"
    file.write_text(json.dumps({"titles": {"First": "Third", "Second": "Third"}}), encoding="utf-8")
    monkeypatch.setattr(renamed, "FILE", file)
    renamed._read.cache_clear()
    try:
        names = {renamed.lasting(f"CloudTrail Responder - {title}") for title in ("First", "Second", "Third")}
    finally:
        renamed._read.cache_clear()
    assert names == {"CloudTrail Responder - First"}
