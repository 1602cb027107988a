"""A restart of splunkd ends what it started, and begins what runs by itself anew."""

from __future__ import annotations

import requests
from eventually import eventually

from sandbox.runner.runner import Runner
from sandbox.splunkd import Splunkd


def call(splunkd: Splunkd, method: str, path: str) -> requests.Response:
    headers = {"Authorization": f"Splunk {splunkd.session_key('admin')}"}
    return requests.request(method, splunkd.uri + path, headers=headers, timeout=60)


def test_a_restart_ends_handler_processes_and_the_next_request_starts_one(splunkd: Splunkd, python: str) -> None:
    with Runner(splunkd, python) as runner:
        assert call(splunkd, "POST", "/services/guest/ask").json()["served"] == 1
        assert call(splunkd, "POST", "/services/guest/ask").json()["served"] == 2
        (process,) = runner.handlers.processes("guest")
        call(splunkd, "POST", "/services/server/control/restart").raise_for_status()
        eventually(lambda: not process.alive)
        assert call(splunkd, "POST", "/services/guest/ask").json()["served"] == 1


def test_a_restart_runs_inputs_that_run_once_a_start_again(splunkd: Splunkd, python: str) -> None:
    def runs() -> int:
        """By the input's own account, which it keeps with its checkpoints."""
        return sum(path.read_text().count("guest_feed://once") for path in (splunkd.home / "var").rglob("runs"))

    with Runner(splunkd, python).start(scheduler=False):
        assert eventually(lambda: runs() == 1)
        splunkd.restart()
        assert eventually(lambda: runs() == 2)
