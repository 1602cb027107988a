"""The peak memory of an alert action's process for 50,000 different findings, beside that for 100 (Linux only).

A server of its own answers it as the app's endpoints do, at once: what the executor does with 50,000 findings is not
the subject. Findings have 1 to 2 kB each, in a results file as splunkd writes it.
"""

from __future__ import annotations

import json
import logging
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.figures import Figure, table
from bench.site import finding, running
from sandbox.loopback import Exchange, LoopbackServer, Reply
from sandbox.runner import interpreters, processes
from sandbox.runner.results import write_csv_gz
from sandbox.world import ANALYST, APP

FEW, MANY = 100, 50_000


def main() -> list[Figure]:
    figures = []
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, running() as site, _endpoints() as uri:
        files = {count: _results(Path(scratch) / f"{count}.csv.gz", count) for count in (FEW, MANY)}
        script = site.world.home / "etc" / "apps" / APP / "bin" / "responder_create_ticket.py"
        for version in interpreters.available():
            command = [str(interpreters.find(version)), str(script), "--execute"]
            peaks = {}
            for count, file in files.items():
                payload = {
                    "server_uri": uri,
                    "session_key": "key",
                    "results_file": str(file),
                    "configuration": {"project": "SEC"},
                    "owner": ANALYST,
                }
                peaks[count] = _peak(command, json.dumps(payload), site.world.runner.host.environment())
            figures.append(
                Figure(
                    f"peak memory of an action's process, {MANY:,} findings, Python {version}",
                    f"{peaks[MANY] / 1024:.1f} MB",
                    f"{FEW} findings: {peaks[FEW] / 1024:.1f} MB",
                    peaks[MANY] / peaks[FEW],
                    "at most 1.2",
                )
            )
    return figures


def _results(path: Path, count: int) -> Path:
    rows = [finding(f"case-{number}", f"event-{number}") for number in range(count)]
    return write_csv_gz(path, rows)


@contextmanager
def _endpoints() -> Iterator[str]:
    def answer(exchange: Exchange) -> Reply:
        body = exchange.json
        if exchange.path.endswith("/execute"):
            return _json({"reports": [_done(key) for key in body["tasks"]]})
        tasks = [f"{row['number']:020x}.ticket.{row['number']:016x}" for row in body["rows"]]
        rows = [{"number": n, "task": task, "recorded": True} for n, task in enumerate(tasks)]
        return _json({"rows": rows, **({"reports": list(map(_done, tasks))} if "run" in body else {})})

    server = LoopbackServer(answer, logging.getLogger("bench"), lambda: None)
    port = server.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()


def _done(key: str) -> dict[str, str]:
    return {"task": key, "kind": "ticket.finding", "state": "done", "message": "Ticket SEC-1.", "waiting_for": ""}


def _json(body: object) -> Reply:
    return Reply(200, json.dumps(body).encode(), [("Content-Type", "application/json")])


def _peak(command: list[str], given: str, environment: dict[str, str]) -> int:
    """Kilobytes. Read while it runs: what the system says of an ended child includes its parent's memory."""
    peak = [0]
    watchers: list[threading.Thread] = []

    def started(process: subprocess.Popen[bytes]) -> None:
        watchers.append(threading.Thread(target=_watch, args=(process.pid, peak), daemon=True))
        watchers[0].start()

    done = processes.run(processes.start(command, environment), given.encode(), on_start=started)
    if done.exit_code not in (0, 4):
        raise RuntimeError(f"the action ended with {done.exit_code}: {done.stderr}")
    watchers[0].join()
    return peak[0]


def _watch(pid: int, peak: list[int]) -> None:
    while True:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            return
        lines = [line for line in status.splitlines() if line.startswith("VmHWM:")]
        if not lines:
            # It has ended, and only its entry is left.
            return
        peak[0] = int(lines[0].split()[1])
        time.sleep(0.005)


if __name__ == "__main__":
    print(table(main()))
