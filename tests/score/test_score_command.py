"""``python -m workbench score``: for machines, for people, and what it says of a folder that is no corpus."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_corpus import line, record, write

from workbench.__main__ import main

ROOT = Path(__file__).resolve().parents[2]


def test_json_has_every_figure_with_its_ids(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["score", str(write(tmp_path)), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    trail = printed["families"]["trail_tampering"]
    assert trail["succeeded"]["found_ids"] == ["stopped", "chain-2"]
    assert trail["succeeded"]["share"] == 0.6667
    assert trail["false"] == {"count": 2, "ids": ["bulk-1", "wrong"]}
    assert trail["tolerated"] == {"count": 1, "ids": ["tolerated"]}
    assert printed["found"]["refused"]["found"] == printed["found"]["made_up"]["found"] == 1
    assert printed["false_pairs"]["background_per_1000_records"] == 500
    assert printed["precision"] == 0.6667
    assert (printed["records"], printed["background_records"]) == (11, 2)


@pytest.mark.extended
def test_people_get_a_table_and_the_ids_when_they_ask(tmp_path: Path):
    command = [sys.executable, "-m", "workbench", "score", str(write(tmp_path)), "--ids"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "where the family has a detection: 2 of 3 (66.7%)" in result.stdout
    assert "trail_tampering, succeeded, missed: hidden" in result.stdout
    assert "trail_tampering, false: bulk-1 (trail_logging_stopped), wrong (trail_logging_stopped)" in result.stdout
    assert "1 on 9 labeled records, 1 on 2 of background (500.00 per 1,000)" in result.stdout


def test_what_makes_the_figures_uncertain_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    timeless = {key: value for key, value in record("StopLogging", "t-1").items() if key != "eventTime"}
    nameless = {key: value for key, value in record("StopLogging", "t-2").items() if key != "eventID"}
    lines = [
        line("timeless", timeless, expect=["trail_tampering"]),
        line("nameless", nameless, expect=["trail_tampering"]),
        line("twin-1", record("GetTrail", "same")),
        line("twin-2", record("GetTrail", "same")),
    ]
    assert main(["score", str(write(tmp_path, lines, [])), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["families"]["trail_tampering"]["succeeded"]["found_ids"] == ["timeless", "nameless"]
    assert [note.rpartition(": ")[2] for note in printed["notes"]] == ["timeless", "twin-1, twin-2"]


@pytest.mark.parametrize(
    ("content", "printed"),
    [
        (b"not json\n", "line 1"),
        (b'{"id": "x", "expect": []}\n', "a labeled record is an object"),
        (b'{"id": "x", "event": {}, "expect": "public_s3"}\n', "'expect' has to be a list"),
        (b'{"id": "x", "event": {}}\n{"id": "x", "event": {}}\n', "the id x"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"\n", "are empty"),
    ],
    ids=["text", "no event", "no list", "same id", "binary", "empty"],
)
def test_a_file_that_is_no_corpus_is_one_line(
    content: bytes, printed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "events.jsonl").write_bytes(content)
    assert main(["score", str(tmp_path)]) == 2
    (message,) = capsys.readouterr().err.splitlines()
    assert printed in message


def test_a_folder_that_is_no_corpus_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    cut = gzip.compress(b"{}" * 1000)[:30]
    for folder, printed in ((tmp_path / "none", "is no folder"), (tmp_path, "holds no")):
        assert main(["score", str(folder)]) == 2
        (message,) = capsys.readouterr().err.splitlines()
        assert printed in message
    (tmp_path / "background.jsonl.gz").write_bytes(cut)
    assert main(["score", str(tmp_path)]) == 2
    assert "cannot be read" in capsys.readouterr().err
