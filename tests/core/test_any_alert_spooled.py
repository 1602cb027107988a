"""Rows of any alert that could not be handed over are the same to the worker as to the endpoint."""

from __future__ import annotations

import csv
import gzip

import pytest
from responder.cases import spool
from responder.inputs import spooled

EVENT = "11111111-2222-4333-8444-55555555555"


@pytest.fixture
def keep(core, tmp_path, monkeypatch):
    monkeypatch.setenv("SPLUNK_HOME", str(tmp_path / "home"))
    path = tmp_path / "results.csv.gz"
    with gzip.open(path, "wt", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["userIdentity.userName", "eventID", "Country", "empty"])
        writer.writerows(["mara", f"{EVENT}{n}", "Canada", ""] for n in range(3))

    def keep(longest: float = spooled.LONGEST_RUN, **parameters: str) -> None:
        given = {"project": "SEC", **parameters}
        handover = {"action": "create_ticket", "parameters": given, "search_name": "Own alert", "app": "a", "sid": "1"}
        spool.keep(handover, "admin", str(path), 1)
        while list(spool.waiting()):
            spooled.hand_over(core.client(), longest)
        core.run(*(task["_key"] for task in core.tasks()))
        core.work()

    return keep


def test_each_row_is_a_finding_of_the_alert(core, keep):
    keep(title="{Country}: {userIdentity.userName}", one_per="row")
    assert [new.summary for new in core.jira.created] == ["Canada: mara"] * 3


def test_all_rows_of_a_run_are_one_ticket_with_a_file(core, keep):
    keep(one_per="run")
    assert len(core.jira.created) == 1 and not core.jira.comments
    (content,) = core.jira.files.values()
    assert content.count(b"\r\n") == 4


def test_a_hand_over_that_stops_after_a_batch_puts_no_row_into_two_tickets(core, tmp_path, keep):
    """One row of the batch cannot be read, and the time is up after each batch."""
    with gzip.open(tmp_path / "results.csv.gz", "wt", newline="") as file:
        rows = [["", ""], *(["mara", f"row {n}"] for n in range(249))]
        csv.writer(file).writerows([["userIdentity.userName", "note"], *rows])
    keep(longest=0.0, one_per="run")
    lines = [line for content in core.jira.files.values() for line in content.decode().split("\r\n")]
    assert [sum(f"row {n}" in line.replace('"', "").split(",") for line in lines) for n in range(249)] == [1] * 249


def test_the_whole_rows_of_a_file_that_is_cut_short_count(core, keep, tmp_path):
    whole = (tmp_path / "results.csv.gz").read_bytes()
    (tmp_path / "results.csv.gz").write_bytes(whole[:-8])
    keep(one_per="row")
    assert len(core.jira.created) == 3
