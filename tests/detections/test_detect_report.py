"""``./demo.sh detect PATH...``: a copy of a log bucket in, a summary and an HTML report out, and nothing believed."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from detection_samples import DETECTIONS, ROOT

from workbench.__main__ import main

STOP = next(d for d in DETECTIONS if d.id == "trail_logging_stopped").samples()[0]["events"][0]
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\x1b[2J"


def _bucket(folder: Path, records: dict[str, list[dict[str, Any]]]) -> Path:
    """Log files as CloudTrail lays them out in S3, with the digest files that it writes beside them."""
    for day, held in records.items():
        logs = folder / "AWSLogs" / "111122223333" / "CloudTrail" / "eu-central-1" / day
        logs.mkdir(parents=True)
        name = f"111122223333_CloudTrail_eu-central-1_{day.replace('/', '')}T1015Z_x.json.gz"
        (logs / name).write_bytes(gzip.compress(json.dumps({"Records": held}).encode()))
    digests = folder / "AWSLogs" / "111122223333" / "CloudTrail-Digest" / "eu-central-1"
    digests.mkdir(parents=True)
    (digests / "digest.json.gz").write_bytes(gzip.compress(b'{"awsAccountId": "111122223333"}'))
    return folder


def _report(folder: Path, *arguments: str) -> str:
    assert main(["detect", "--report", "--report-to", str(folder), *arguments]) == 0
    return (folder / "detect.html").read_text(encoding="utf-8")


def test_a_bucket_is_searched_and_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    again = {**STOP, "eventID": "again", "eventTime": "2025-03-05T10:15:00Z"}
    page = _report(tmp_path, str(_bucket(tmp_path / "logs", {"2025/03/04": [STOP], "2025/03/05": [again]})))
    printed = capsys.readouterr().out
    assert "2 records in 2 files" in printed
    assert "1 case of 1 detection" in printed
    assert "mallory" in printed
    # Two runs saw each event, and both days are one case.
    (row,) = re.findall(r'<td class="number">(\d+)\n<td class="fixed">2025-03-04 10:15:00<br>', page)
    assert row == "2"
    assert "mallory stopped logging of trail management-events" in page


def test_what_attackers_choose_stays_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    identity = {**STOP["userIdentity"], "userName": EVIL, "arn": f"arn:aws:iam::111122223333:user/{EVIL}"}
    event = {**STOP, "userIdentity": identity, "userAgent": EVIL, "requestParameters": {"name": EVIL}, "eventID": EVIL}
    log = tmp_path / "log.json"
    log.write_text(json.dumps({"Records": [event]}), encoding="utf-8")
    page = _report(tmp_path, str(log))
    tags = _Tags()
    tags.feed(page)
    assert tags.seen.isdisjoint({"script", "img", "iframe", "object", "form", "base", "link"})
    assert tags.attributes <= {"lang", "charset", "name", "content", "http-equiv", "class", "href", "id"}
    assert "&lt;script&gt;" in page
    assert "\x1b[2J" not in capsys.readouterr().out


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_other_files_of_a_bucket_are_left_out_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    logs = _bucket(tmp_path / "logs", {"2025/03/04": [STOP]})
    (logs / "inventory.json").write_text('{"buckets": []}', encoding="utf-8")
    page = _report(tmp_path, str(logs))
    assert "inventory.json" in capsys.readouterr().out
    assert "1 files were left out" in page
    assert "digest.json" not in page


@pytest.mark.parametrize(
    ("make", "printed"),
    [
        (lambda folder: folder / "none.json", "cannot be read"),
        (lambda folder: folder, "holds no"),
        (lambda folder: _written(folder / "list.json", "[]"), "No records in 1 files"),
        (lambda folder: _written(folder / "x.json", '{"a": 1}'), "not a CloudTrail record"),
    ],
    ids=["no file", "empty folder", "no records", "other json"],
)
def test_where_no_log_is_it_is_said_in_one_line(make: Any, printed: str, tmp_path: Path, capsys: Any):
    (tmp_path / "in").mkdir()
    assert main(["detect", "--report", "--report-to", str(tmp_path), str(make(tmp_path / "in"))]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line and "Reading files" not in line]
    assert len(lines) == 1 and printed in lines[0]
    assert not (tmp_path / "detect.html").exists()


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("before", [[], ["--parse-only"]])
def test_nothing_to_read_is_asked_for(before: list[str], capsys: pytest.CaptureFixture[str]):
    """Also before demo.sh makes an environment, which takes minutes."""
    assert main([*before, "detect", "--report"]) == 2
    assert "No log files given" in capsys.readouterr().err
    assert main([*before, "detect", "--report", "/no/such/folder"]) == 2
    assert "/no/such/folder cannot be read" in capsys.readouterr().err


def test_demo_sh_hands_the_paths_over(tmp_path: Path):
    """Paths are those of the folder it is called from; what sets up the environment is replaced by an echo.

    And so is the Python that looks at the arguments first.
    """
    script = (ROOT / "demo.sh").read_text(encoding="utf-8")
    script = re.sub(r"(?m)^SANDBOX_PYTHON=.*$", "SANDBOX_PYTHON=echo", script)
    script = script.replace("source tools/find_python.sh", "PYTHON=true")
    (tmp_path / "repo").mkdir()
    _written(tmp_path / "repo" / "demo.sh", script)
    for arguments, expected in (
        (["detect", "my logs/a.json"], f"-m workbench detect --report --relative-to {tmp_path} my logs/a.json"),
        (["--mode", "simulate"], "-m sandbox demo --mode simulate"),
        ([], "-m sandbox demo"),
    ):
        done = subprocess.run(["bash", "repo/demo.sh", *arguments], cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode, done.stdout.strip()) == (0, expected), done.stderr


def test_relative_paths_begin_where_they_are_told_to(tmp_path: Path):
    _written(tmp_path / "log.json", json.dumps([STOP]))
    arguments = ["--relative-to", str(tmp_path), "log.json", "--report-to", "out"]
    assert main(["detect", "--report", *arguments]) == 0
    assert (tmp_path / "out" / "detect.html").is_file()


def _log(folder: Path, *events: dict[str, Any]) -> str:
    return str(_written(folder / "log.json", json.dumps({"Records": list(events)})))


def _again(day: int, name: str, **more: Any) -> dict[str, Any]:
    at = f"2025-03-{day:02d}T10:15:00Z"
    return {**STOP, "eventID": f"e-{name}", "eventTime": at, "requestParameters": {"name": name}, **more}


def test_it_says_who_did_what_when_how_many_tickets_a_day_and_what_to_switch_on_first(tmp_path: Path, capsys: Any):
    log = _log(tmp_path, _again(4, "one"), _again(4, "two"), _again(12, "three"))
    page = _report(tmp_path, log)
    printed = capsys.readouterr().out
    assert "0.4 tickets a day" in printed and "most: 2 on 2025-03-04" in printed
    assert "mallory, in order:" in printed and printed.count("critical CloudTrail trail stopped") == 3
    assert "2025-03-04 ████" in printed and "Switch on first" in printed
    assert max(map(len, printed.splitlines()[:-1])) <= 80, "the last line is a path"
    assert "0.4 tickets a day" in page and "2 on 2025-03-04" in page and page.count("<td>critical<td>") == 3


def test_what_is_loud_is_to_be_tuned_first(tmp_path: Path, capsys: Any):
    log = _log(tmp_path, *(_again(4 + number // 5, f"trail{number}") for number in range(20)))
    page = _report(tmp_path, log)
    printed = capsys.readouterr().out
    assert "Tune first" in printed and "CloudTrail trail stopped logging (47 a week)" in printed
    assert "Tune first: more than seven cases a week: 1" in page


def test_other_programs_get_json_csv_and_sarif(tmp_path: Path, capsys: Any):
    evil = {"name": "=HYPERLINK(1)"}
    log = _log(tmp_path, {**STOP, "requestParameters": evil})
    arguments = ["detect", "--relative-to", str(tmp_path), log, "--search", "trail_logging_stopped", "--format"]
    assert main([*arguments, "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["detection"] for one in found["cases"]] == ["trail_logging_stopped"] and found["tickets_a_day"] == 1
    assert found["actors"][0]["actor"] == "mallory" and found["switch_on"][0]["when"] == "first"

    assert main([*arguments, "csv", "--output", "cases.csv"]) == 0
    (row,) = csv.DictReader((tmp_path / "cases.csv").open(encoding="utf-8-sig", newline=""))
    assert row["severity"] == "critical" and row["object_id"].startswith("'=") and capsys.readouterr().out == ""

    assert main([*arguments, "sarif"]) == 0
    sarif = json.loads(capsys.readouterr().out)
    (run,) = sarif["runs"]
    (result,) = run["results"]
    assert sarif["version"] == "2.1.0" and run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] == "error" and result["partialFingerprints"]["case/v1"]
    assert main([*arguments, "csv", "--report"]) == 2
    assert "do not go together" in capsys.readouterr().err


@pytest.mark.parametrize(("fail_on", "code"), [("critical", 1), ("low", 1), (None, 0)])
def test_the_exit_code_says_whether_something_so_severe_was_found(
    tmp_path: Path, capsys: Any, fail_on: str | None, code: int
):
    more = ["--fail-on", fail_on] if fail_on else []
    log, search = _log(tmp_path, STOP), ["--search", "trail_logging_stopped"]
    assert main(["detect", "--format", "json", log, *search, *more]) == code
    assert main(["detect", "--format", "json", log, "--search", "trail_deleted", *more]) == 0
    assert main(["detect", "--fail-on", "low", str(tmp_path / "none")]) == 2


def test_help_fits_into_80_columns():
    command = ["python3", "-m", "workbench", "detect", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "COLUMNS": "80"})
    assert done.returncode == 0 and max(map(len, done.stdout.splitlines())) <= 80
    assert "Exit codes" in done.stdout
