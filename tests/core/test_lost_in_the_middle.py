"""An answer is lost in the middle of a big run: it becomes the same tasks, whoever hands the rest over."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from core_findings import InThisProcess
from responder.actions.endpoint import Endpoints
from responder.actions.run import main
from responder.cases import spool
from responder.inputs import spooled

from sandbox.faults import Faults

ROWS = 330


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Rows of different lengths, so that batches end by their characters, and some that cannot be read."""
    path = tmp_path / "results.csv.gz"
    with gzip.open(path, "wt", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["userIdentity.userName", "note", "text"])
        for number in range(ROWS):
            short = number % 50 == 49
            writer.writerow(["mara", f"row {number}"] if short else ["mara", f"row {number}", "x" * (number % 7) * 100])
    return path


@pytest.fixture
def fire(core: Any, results: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("SPLUNK_HOME", str(core.splunkd.home))
    monkeypatch.setattr("responder.findings.batches.CHARS", 20_000)
    core.splunkd.handlers = InThisProcess()

    def fire() -> int:
        payload = {
            "server_uri": core.splunkd.uri,
            "session_key": core.splunkd.session_key("admin"),
            "results_file": str(results),
            "configuration": {"project": "SEC", "one_per": "run"},
            "search_name": "Alert",
            "app": "search",
            "sid": "scheduler__1",
            "owner": "admin",
        }
        return main("create_ticket", ["x", "--execute"], io.StringIO(json.dumps(payload)))

    return fire


def lines(core: Any) -> Counter[str]:
    """How often each row is in a file of a ticket."""
    tables = [list(csv.reader(io.StringIO(content.decode("utf-8-sig")))) for content in core.jira.files.values()]
    return Counter(line[table[0].index("note")] for table in tables for line in table[1:])


READABLE = {f"row {number}": 1 for number in range(ROWS) if number % 50 != 49}


def lose(core: Any, monkeypatch: pytest.MonkeyPatch, fault: str, after: int) -> None:
    """From a request on, the endpoint does not answer any more."""
    core.splunkd.faults = Faults()
    record, asked = Endpoints.record, itertools.count()

    def counted(*given: Any) -> Any:
        if next(asked) == after:
            core.splunkd.faults.add(fault, path="cloudtrail_responder/record", count=None)
        return record(*given)

    monkeypatch.setattr(Endpoints, "record", counted)


def hand_over(core: Any) -> None:
    while list(spool.waiting()):
        spooled.hand_over(core.client(), 0.0)
    core.work()


def keys(core: Any) -> set[str]:
    return {str(task["_key"]) for task in core.tasks()}


@pytest.mark.parametrize(
    ("fault", "after"),
    [
        ("reset", 1),
        ("reset_after", 3),
        *(
            pytest.param(*one, marks=pytest.mark.slow)
            for one in (("reset", 0), ("reset", 3), ("reset_after", 0), ("reset_after", 1))
        ),
    ],
)
def test_the_rows_of_a_run_are_in_one_ticket_and_one_file_once(core, fire, monkeypatch, fault, after):
    lose(core, monkeypatch, fault, after)
    fire()
    core.splunkd.faults = Faults()
    hand_over(core)
    core.work()
    assert len(core.jira.created) == 1
    assert lines(core) == READABLE


def test_the_tasks_are_those_of_a_run_without_a_loss(core, fire, monkeypatch):
    lose(core, monkeypatch, "reset_after", 1)
    fire()
    core.splunkd.faults = Faults()
    hand_over(core)
    lossy = keys(core)
    # The same alert run once more: whatever is recorded is the same, so there is nothing new.
    fire()
    assert keys(core) == lossy
