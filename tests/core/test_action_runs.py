"""One run of an alert action: everything is recorded before anything is waited for, and each trouble is one line."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from responder.actions import run as action
from responder.actions.run import main
from responder.cases.tasks import TASKS
from responder.findings.results import rows

from sandbox.faults import Faults

Fire = Callable[..., int]


def results(path: Path, findings: list[dict[str, str]]) -> Path:
    with gzip.open(path, "wt", newline="") as file:
        writer = csv.DictWriter(file, list(findings[0]))
        writer.writeheader()
        writer.writerows(findings)
    return path


def findings(count: int) -> list[dict[str, str]]:
    return [
        {"signature_id": "some_detection", "dedup_key": f"key-{n}", "event_ids": f"event-{n}", "severity": "low"}
        for n in range(count)
    ]


@pytest.fixture
def fire(core, tmp_path, monkeypatch) -> Fire:
    monkeypatch.setenv("SPLUNK_HOME", str(core.splunkd.home))

    def fire(rows: list[dict[str, str]], **payload: Any) -> int:
        given = {
            "server_uri": core.splunkd.uri,
            "session_key": core.splunkd.session_key(core.splunkd.admin[0]),
            "results_file": str(results(tmp_path / "results.csv.gz", rows)),
            "configuration": {"project": "SEC"},
            **payload,
        }
        return main("create_ticket", ["x", "--execute"], io.StringIO(json.dumps(given)))

    return fire


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    """The action's clock: the time, and the seconds it moves on with each look at it."""
    now = [1_000_000.0, 0.0]

    def time() -> float:
        now[0] += now[1]
        return now[0]

    monkeypatch.setattr(action.time, "time", time)
    return now


def test_every_result_is_recorded_before_the_executor_is_waited_for(core, fire, monkeypatch):
    recorded: list[int] = []

    def poke(*_: Any) -> str:
        recorded.append(len(core.documents(TASKS)))
        return ""

    monkeypatch.setattr(action, "_poke", poke)
    fire(findings(60))
    assert recorded == [60, 60, 60]


def test_when_the_time_is_up_it_says_from_which_result_on_nothing_is_recorded(core, fire, capsys, clock):
    clock[1] = 30.0
    assert fire(findings(60)) == action.NOT_RECORDED
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("ERROR")]
    kept = len(core.documents(TASKS))
    assert 0 < kept < 60
    assert any(f"Result {kept + 1}" in line and "not recorded" in line for line in lines)


def test_one_result_that_splunkd_refuses_does_not_keep_the_others_from_being_recorded(core, fire, capsys):
    core.splunkd.faults = Faults()
    core.splunkd.faults.add("status", method="POST", path="data/responder_tasks", status=400, count=1)
    assert fire(findings(3)) == action.NOT_RECORDED
    assert "Result 1" in capsys.readouterr().err
    assert len(core.documents(TASKS)) == 2


def test_a_splunkd_that_does_not_let_the_owner_is_asked_once(core, fire, capsys):
    core.splunkd.faults = Faults()
    core.splunkd.faults.add("status", method="POST", path="data/responder_cases", status=403, count=1)
    assert fire(findings(3)) == action.NEEDS_A_PERSON
    assert capsys.readouterr().err.count("ERROR") == 1
    assert core.documents(TASKS) == []


def test_an_executor_that_does_not_answer_is_said_once_and_names_what_is_left(core, fire, capsys):
    assert fire(findings(60)) == action.LATER
    err = capsys.readouterr().err
    assert err.count("ERROR") == 1 and "60 recorded tasks" in err


@pytest.mark.parametrize("configuration", ["text", ["list"], 5])
def test_a_payload_of_an_unknown_shape_is_one_line(fire, capsys, configuration):
    assert fire(findings(1), configuration=configuration) == action.BAD_INPUT
    err = capsys.readouterr().err
    assert err.count("ERROR") == 1 and "Traceback" not in err


def test_a_fault_of_ours_is_one_line_too(core, fire, capsys, monkeypatch):
    def fault(*_: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(action, "record", fault)
    assert fire(findings(1)) == action.NOT_RECORDED
    err = capsys.readouterr().err
    assert err.count("ERROR") == 1 and "RuntimeError" in err and "Traceback" not in err


def test_a_null_character_of_an_attacker_hides_no_result(tmp_path):
    path = results(tmp_path / "results.csv.gz", [{"user_agent": "a\0b"}, {"user_agent": "next"}])
    assert list(rows(str(path))) == [{"user_agent": "ab"}, {"user_agent": "next"}]
