"""``./demo.sh detect PATH...``: a copy of a log bucket in, a summary and an HTML report out, and nothing believed."""

from __future__ import annotations

import gzip
import json
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
    assert "1 cases of 1 detections" in printed
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
        (lambda folder: _written(folder / "list.json", "[]"), "No CloudTrail records in 1 files"),
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


def test_nothing_to_read_is_asked_for(capsys: pytest.CaptureFixture[str]):
    assert main(["detect", "--report"]) == 2
    assert "No log files given" in capsys.readouterr().err


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
