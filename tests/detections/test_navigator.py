"""The ATT&CK Navigator layer: every technique of every detection, counted."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from detection_samples import DETECTIONS

from workbench.__main__ import main
from workbench.detections import navigator


def test_every_technique_of_every_detection_is_in_the_layer():
    layer = json.loads(navigator.layer(DETECTIONS))
    wanted = Counter(technique for detection in DETECTIONS for technique in set(detection.techniques))
    assert {one["techniqueID"]: one["score"] for one in layer["techniques"]} == dict(wanted)
    named = {(one["techniqueID"], item["name"]) for one in layer["techniques"] for item in one["metadata"]}
    assert named == {(technique, detection.id) for detection in DETECTIONS for technique in detection.techniques}


def test_the_layer_is_as_the_navigator_reads_it():
    layer = json.loads(navigator.layer(DETECTIONS))
    assert layer["domain"] == "enterprise-attack"
    assert layer["versions"]["layer"] == "4.5"
    assert layer["gradient"]["minValue"] < layer["gradient"]["maxValue"]
    for one in layer["techniques"]:
        assert set(one) == {"techniqueID", "score", "comment", "enabled", "metadata", "showSubtechniques"}


def test_the_order_of_detections_does_not_matter():
    assert navigator.layer(DETECTIONS) == navigator.layer(list(reversed(DETECTIONS)))


def test_the_compiler_writes_it_and_notices_an_old_one(tmp_path: Path, capsys):
    assert main(["compile", "--docs", str(tmp_path)]) == 0
    path = tmp_path / navigator.FILE
    assert path.read_text(encoding="utf-8") == navigator.layer(DETECTIONS)
    assert main(["compile", "--docs", str(tmp_path), "--check"]) == 0
    path.write_text("{}", encoding="utf-8")
    assert main(["compile", "--docs", str(tmp_path), "--check"]) == 1
    assert navigator.FILE in capsys.readouterr().err
