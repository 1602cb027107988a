"""What one more occurrence costs while 200, and while 400, wait on the same case.

The detection throttles: the first occurrence is reported, the others wait for the digest. Then some more come, one by
one. Linux only: the executor's processor time is read from /proc.
"""

from __future__ import annotations

import os
from pathlib import Path

from bench.figures import Figure, table
from bench.site import Site, finding, running

FEW, MANY = 200, 400
#: Occurrences that come while so many wait.
MORE = 30
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> list[Figure]:
    few, many = _measure(FEW), _measure(MANY)
    what = f"for one more occurrence while {MANY} wait on its case"
    beside = f"while {FEW} wait"
    return [
        Figure(
            f"requests to splunkd {what}", f"{many[0]:.1f}", f"{beside}: {few[0]:.1f}", many[0] / few[0], "at most 1.1"
        ),
        Figure(
            f"CPU of the executor {what}",
            f"{many[1] * 1000:.0f} ms",
            f"{beside}: {few[1] * 1000:.0f} ms",
            many[1] / few[1],
            "at most 1.3",
        ),
    ]


def _measure(waiting: int) -> tuple[float, float]:
    """Requests, and seconds of the executor, for each of ``MORE`` occurrences."""
    with running() as site:
        _occur(site, 1)
        for _ in range(0, waiting, 100):
            _occur(site, 100)
        held = len(site.world.documents("responder_tasks", {"waiting_for": "time"}))
        if held != waiting:
            raise RuntimeError(f"{held} occurrences wait, not {waiting}")
        requests, before = site.requests, _executor_cpu(site)
        for _ in range(MORE):
            _occur(site, 1)
        return requests.count / MORE, (_executor_cpu(site) - before) / MORE


def _occur(site: Site, times: int) -> None:
    site.fire("create_ticket", [{**finding("waiting"), "throttle_seconds": "86400"} for _ in range(times)])


def _executor_cpu(site: Site) -> float:
    seconds = 0.0
    for process in site.world.runner.handlers.processes():
        # Behind the command's name, which may hold anything: state, ..., utime and stime are the 14th and 15th field.
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        seconds += (int(fields[11]) + int(fields[12])) / TICKS
    return seconds


if __name__ == "__main__":
    print(table(main()))
