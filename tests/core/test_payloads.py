"""What Splunk never sends to an alert action's standard input ends in one line that says so, and in exit code 2."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from responder.actions.run import main

WHOLE = {"server_uri": "https://127.0.0.1:8089", "session_key": "key", "results_file": "/nowhere/results.csv.gz"}

NO_OBJECT = {
    "nothing": "",
    "text": "no json",
    "a list": "[]",
    "a number": "5",
    "null": "null",
    "half of it": json.dumps(WHOLE)[:-20],
    "two of them": json.dumps(WHOLE) * 2,
    "nested without end": "[" * 100_000,
    "a configuration that is a list": json.dumps({**WHOLE, "configuration": ["mode"]}),
}
LACKS = {
    "an empty object": ({}, "server_uri"),
    "a number as address": ({**WHOLE, "server_uri": 5}, "server_uri"),
    "an empty session": ({**WHOLE, "session_key": ""}, "session_key"),
    "no results": ({**WHOLE, "results_file": None}, "results_file"),
}


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPLUNK_HOME", str(tmp_path))


def problem(text: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main("create_ticket", ["--execute"], io.StringIO(text)) == 2
    said = capsys.readouterr().err
    (line,) = [line for line in said.splitlines() if line.startswith("ERROR")]
    assert "Traceback" not in said and "Start this script from a Splunk alert." in line
    return line


@pytest.mark.parametrize("text", NO_OBJECT.values(), ids=NO_OBJECT)
def test_what_is_no_object_is_one_line(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "not the JSON object that Splunk sends" in problem(text, capsys)


@pytest.mark.parametrize(("payload", "missing"), LACKS.values(), ids=LACKS)
def test_what_is_missing_is_named(payload: object, missing: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"The payload has no {missing}." in problem(json.dumps(payload), capsys)


def test_a_script_that_splunk_did_not_start_says_how_it_is_started(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("create_ticket", ["--validate"], io.StringIO("")) == 2
    assert "Splunk starts it with --execute" in capsys.readouterr().err
