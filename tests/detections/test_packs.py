"""Packs: what is switched on together exists, and the app knows it as the YAML files say it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from detection_samples import DETECTIONS, ROOT
from responder.errors import ResponderError
from responder.findings import shipped

from workbench.detections import compile as compiler
from workbench.detections import packs
from workbench.detections.catalog import catalog
from workbench.detections.model import InvalidDetection

PACKS = packs.load(ROOT / "detections", DETECTIONS)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As the build writes it, read for the first time."""
    path = tmp_path / "shipped.json"
    path.write_text(catalog(DETECTIONS, PACKS), encoding="utf-8")
    monkeypatch.setattr(shipped, "FILE", path)
    monkeypatch.setattr(shipped, "_read", shipped._read.__wrapped__)
    return path


def written(folder: Path, *offered: object) -> Path:
    (folder / packs.FILE).write_text(json.dumps(offered), encoding="utf-8")
    return folder


def test_packs_are_what_they_are_called():
    by_id = {pack.id: pack for pack in PACKS}
    assert list(by_id) == ["essential", "ransomware", "exfiltration", "persistence", "quiet"]
    assert len(by_id["essential"].detections) == 20
    tactics = {"ransomware": "Impact", "exfiltration": "Exfiltration", "persistence": "Persistence"}
    entries = {one["id"]: one for one in json.loads(catalog(DETECTIONS, PACKS))["detections"]}
    for name, tactic in tactics.items():
        covered = [tactic in entries[one]["tactics"] for one in by_id[name].detections]
        assert sum(covered) > len(covered) / 2, name


def test_what_is_quiet_takes_no_learning_and_no_search_over_everything():
    quiet = {one.id: one for one in DETECTIONS if packs.is_quiet(one)}
    assert quiet and not any(one.baseline for one in quiet.values())
    assert {one.severity for one in quiet.values()} == {"high", "critical"}
    assert {"trail_deleted", "root_console_login"} <= set(quiet)
    # One reads every event, one learns, one is of another log, one is of medium severity.
    others = {"api_use_from_unknown_network", "many_secrets_read", "traffic_to_bad_network", "iam_user_created"}
    assert not others & set(quiet)


@pytest.mark.parametrize(
    ("pack", "fault"),
    [
        ({"id": "a", "title": "A", "about": "A.", "detections": ["trail_delted"]}, "trail_delted"),
        ({"id": "a", "title": "A", "about": "A.", "detections": []}, "empty"),
        ({"id": "a", "title": "A", "about": "A.", "detections": ["trail_deleted"] * 2}, "twice"),
        ({"id": "a", "title": "A", "about": "A.", "rule": "loud"}, "quiet"),
        ({"id": "a", "title": "A", "about": "A.", "rule": "quiet", "detections": ["trail_deleted"]}, "either"),
        ({"id": "a", "title": "A", "about": "A."}, "either"),
        ({"id": "a", "about": "A.", "rule": "quiet"}, "title"),
        ({"id": "a", "title": "A", "about": "A.", "rule": "quiet", "colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_with_a_pack_is_said(tmp_path: Path, pack: object, fault: str):
    with pytest.raises(InvalidDetection, match=fault):
        packs.load(written(tmp_path, pack), DETECTIONS)


def test_no_two_packs_have_one_id(tmp_path: Path):
    pack = {"id": "a", "title": "A", "about": "A.", "rule": "quiet"}
    with pytest.raises(InvalidDetection, match="same id"):
        packs.load(written(tmp_path, pack, pack), DETECTIONS)


def test_the_app_knows_its_detections_and_what_has_to_be_on_for_each(file: Path):
    known = shipped.detections()
    assert set(known) == {one.id for one in DETECTIONS}
    assert {name for one in known.values() for name in one.search_names} == set(compiler.saved_searches(DETECTIONS))
    assert sum(one.runs_an_hour for one in known.values()) == compiler.runs_an_hour(DETECTIONS)
    assert {one.id for one in known.values() if one.enabled_by_default} < set(known)
    assert [(pack.id, pack.detections) for pack in shipped.packs()] == [(one.id, one.detections) for one in PACKS]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"detections": [{}], "packs": []}', '{"detections": []}'])
def test_a_damaged_list_says_what_to_do(file: Path, content: str):
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ResponderError, match="shipped.json"):
        shipped.packs()
