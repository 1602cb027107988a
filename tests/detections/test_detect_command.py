"""``python -m workbench detect``: every form of file, plain answers, plain errors."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from detection_samples import DETECTIONS, ROOT
from responder.findings.finding import FIELDS

from workbench.__main__ import main

STOP = next(d for d in DETECTIONS if d.id == "trail_logging_stopped").samples()[0]["events"][0]
FORMS = {
    "records.json": json.dumps({"Records": [STOP]}),
    "list.json": json.dumps([STOP]),
    "single.json": json.dumps(STOP),
    "lines.jsonl": json.dumps(STOP) + "\n\n" + json.dumps({**STOP, "eventName": "GetTrail"}),
    "labelled.jsonl": json.dumps({"id": "x", "label": "attack", "event": STOP}) + "\n",
    "bom.json": "\ufeff" + json.dumps({"Records": [STOP]}, indent=2),
}


def _detect(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict]:
    assert main(["detect", "--json", *arguments]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.extended
@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_file_is_read(name: str, zipped: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / name
    content = FORMS[name].encode("utf-8")
    path.write_bytes(gzip.compress(content) if zipped else content)
    (finding,) = _detect(capsys, "--events", str(path))
    assert finding["search"] == "trail_logging_stopped"
    assert finding["event_ids"] == [STOP["eventID"]]
    assert tuple(finding) == ("search", *FIELDS)
    assert (finding["event_count"], finding["first_time"]) == (1, 1741083300)


def test_several_files_are_one_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(FORMS["records.json"], encoding="utf-8")
    (finding,) = _detect(capsys, "--events", str(tmp_path / "a.json"), str(tmp_path / "b.json"))
    assert finding["event_count"] == 1


def test_allow_lists_wake_their_detections(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "log.json"
    path.write_text(FORMS["records.json"], encoding="utf-8")
    lists = ["--allow-country", "Germany", "--allow-network", "198.51.100.0/24"]
    found = {finding["search"]: finding for finding in _detect(capsys, "--events", str(path), *lists)}
    assert found["api_use_from_foreign_country"]["src_country"] == "Canada"
    assert found["api_use_from_unknown_network"]["src_ip"] == "203.0.113.50"
    lists = ["--allow-country", "Canada", "--allow-network", "203.0.113.0/24"]
    assert [one["search"] for one in _detect(capsys, "--events", str(path), *lists)] == ["trail_logging_stopped"]


def test_one_search_of_many(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "log.json"
    path.write_text(FORMS["records.json"], encoding="utf-8")
    assert _detect(capsys, "--events", str(path), "--search", "trail_deleted") == []
    assert main(["detect", "--events", str(path), "--search", "no_such"]) == 2
    assert "no_such" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "printed"),
    [
        (b"not json", "line 1: not JSON"),
        (b'{"a": 1}', "not a CloudTrail record"),
        (gzip.compress(b"{}" * 1000)[:30], "cannot be read"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
    ids=["text", "other json", "cut off", "binary"],
)
def test_a_file_that_is_no_log_is_said_so(
    content: bytes, printed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "log"
    path.write_bytes(content)
    assert main(["detect", "--events", str(path)]) == 2
    assert printed in capsys.readouterr().err


@pytest.mark.extended
def test_it_runs_as_a_command_and_says_it_for_people(tmp_path: Path):
    path = tmp_path / "log.json"
    path.write_text(FORMS["records.json"], encoding="utf-8")
    command = [sys.executable, "-m", "workbench", "detect", "--events", str(path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "mallory stopped logging of trail management-events" in result.stdout
    assert "1 findings in 1 records" in result.stdout


def test_a_finding_is_the_same_where_the_addon_is_installed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "log.json"
    path.write_text(FORMS["records.json"], encoding="utf-8")
    plain = _detect(capsys, str(path))
    assert plain and _detect(capsys, "--with-add-on", str(path)) == plain


def test_a_search_of_ones_own_sees_the_fields_of_the_addon(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "log.json"
    path.write_text(FORMS["records.json"], encoding="utf-8")
    search = ["search", "index=aws errorCode=success | table user_arn", str(path), "--json"]
    for more, found in ([], []), (["--with-add-on"], [{"user_arn": STOP["userIdentity"]["arn"]}]):
        assert main([*search, *more]) == 0
        assert json.loads(capsys.readouterr().out) == found
