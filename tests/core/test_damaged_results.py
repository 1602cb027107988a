"""A result that cannot be read is named and costs no other result its task."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from core_findings import InThisProcess
from responder.actions import run as action
from responder.actions.run import main

HEADER = "signature_id,dedup_key,event_ids,detail\n"


def good(number: int) -> str:
    return f'some_detection,key-{number},event-{number},"{{}}"\n'


DAMAGED = {
    "more cells than columns": ("some_detection,key-2,event-2,{},more\n", "5 cells for 4 columns"),
    "a stray quote": ('some_detection,"key"-2,event-2,{}\n', "quote"),
    "detail nested 14,000 deep": (
        "some_detection,key-2,event-2," + "[" * 14_000 + "]" * 14_000 + "\n",
        "detail is nested deeper",
    ),
    "a cell over 4 MB": ("some_detection,key-2,event-2," + "x" * 4_500_000 + "\n", "longer than"),
    "a blank dedup key": ("some_detection,\u200b \u2060,event-2,{}\n", "dedup_key"),
}


@pytest.mark.parametrize(("damaged", "reason"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_result_is_named_and_the_others_are_recorded(
    core: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    damaged: str,
    reason: str,
) -> None:
    monkeypatch.setenv("SPLUNK_HOME", str(core.splunkd.home))
    core.splunkd.handlers = InThisProcess()
    results = tmp_path / "results.csv.gz"
    results.write_bytes(gzip.compress((HEADER + good(1) + damaged + good(3)).encode()))
    payload = {
        "server_uri": core.splunkd.uri,
        "session_key": core.splunkd.session_key(core.splunkd.admin[0]),
        "results_file": str(results),
        "configuration": {"project": "SEC"},
    }
    code = main("create_ticket", ["x", "--execute"], io.StringIO(json.dumps(payload)))
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("ERROR Result")]
    assert code == action.BAD_INPUT
    assert len(errors) == 1 and "Result 2" in errors[0] and reason in errors[0] and len(errors[0]) < 600
    events = sorted(event for task in core.tasks() for event in json.loads(task["event_ids"]))
    assert events == ["event-1", "event-3"]
