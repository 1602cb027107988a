"""``workbench peers``: our detections beside other people's rules, here a few of our own in their formats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tiny_corpus import record

from workbench.__main__ import main

RULES = Path(__file__).parent / "peers"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A trail stopped, the same refused, a burst of which each call alone is harmless, and what expects nothing."""
    burst = [record("UpdateTrail", f"burst-{number}", f"2025-03-04T11:00:0{number}Z") for number in range(4)]
    lines: list[dict[str, Any]] = [
        {"id": "stopped", "event": record("StopLogging", "event-1"), "expect": ["trail_tampering"]},
        {
            "id": "refused",
            "event": record("StopLogging", "event-2", errorCode="AccessDenied"),
            "expect": ["trail_tampering"],
            "attempted": True,
        },
        *({"id": one["eventID"], "event": one, "expect": ["bursts"], "group": "burst"} for one in burst),
        {"id": "read", "event": record("DescribeTrails", "event-3"), "expect": []},
        {"id": "gone", "event": record("DeleteTrail", "event-4", "2025-03-04T13:00:00Z"), "expect": []},
    ]
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "records.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return folder


def compared(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, dict[str, Any]]:
    assert main(["peers", *arguments, "--json"]) == 0
    return {one["name"]: one for one in json.loads(capsys.readouterr().out)}


def test_searches_of_escu_are_asked_about_each_case_and_about_what_expects_nothing(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = compared(capsys, str(corpus), "--escu", str(RULES / "escu"))
    theirs = found["ESCU"]
    assert (theirs["rules"], theirs["found"], theirs["cases"], theirs["false_pairs"]) == (2, 3, 3, 1)
    assert list(theirs["unreadable"]) == ["Asks a list that is not here"]
    # DeleteTrail expects nothing in this corpus, so ours is false on it as well.
    ours = found["this app"]
    assert (ours["found"] >= 2, ours["cases"], ours["false_pairs"]) == (True, 3, 1)
    assert ours["recall"] == round(ours["found"] / 3, 4) and ours["cpu"] >= 0


def test_the_table_names_what_cannot_be_run(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["peers", str(corpus), "--escu", str(RULES / "escu")]) == 0
    shown = capsys.readouterr().out
    assert "this app" in shown and "ESCU" in shown and "Asks a list that is not here:" in shown


def test_a_folder_without_rules_and_one_without_records_end_in_a_line(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["peers", str(corpus), "--escu", str(corpus)]) == 2
    assert "holds no YAML file with a search" in capsys.readouterr().err
    (tmp_path / "broken.yml").write_text("search: [")
    assert main(["peers", str(corpus), "--escu", str(tmp_path)]) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert main(["peers", str(tmp_path / "nowhere")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.slow
def test_rules_of_sigma_and_panther_run_with_their_own_libraries(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Slow, because their environment is made from PyPI."""
    found = compared(capsys, str(corpus), "--sigma", str(RULES / "sigma"), "--panther", str(RULES / "panther"))
    sigma, panther = found["Sigma"], found["Panther"]
    assert (sigma["rules"], sigma["found"], sigma["cases"], sigma["false_pairs"]) == (1, 2, 3, 1)
    assert list(sigma["unreadable"]) == ["No condition"]
    assert (panther["rules"], panther["found"], panther["cases"], panther["false_pairs"]) == (1, 1, 3, 0)
    assert "no_such_library" in panther["unreadable"]["Example.Broken"]
    for name in ("sigma", "panther"):
        assert main(["peers", str(corpus), f"--{name}", str(tmp_path)]) == 2
        assert "holds no" in capsys.readouterr().err
