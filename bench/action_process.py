"""The processor time of an alert action's process, beside a bare Python that posts once with urllib.

Both are started the way splunkd starts a process, in turns, and post the same finding to the same endpoint. What the
executor does with it is not counted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Figure, median, table
from bench.site import Site, children_cpu, finding, running
from sandbox.runner import interpreters, processes
from sandbox.runner.results import write_csv_gz
from sandbox.world import ANALYST, APP

RUNS = 20
BARE = """
import json, sys, urllib.request
given = json.load(sys.stdin)
request = urllib.request.Request(given["uri"], json.dumps(given["body"]).encode(), given["headers"])
print(urllib.request.urlopen(request).status, file=sys.stderr)
"""


def main() -> list[Figure]:
    return [figure for version in interpreters.available() for figure in _measure(version)]


def _measure(version: str) -> list[Figure]:
    with running(python=version) as site:
        # The first compiles the app's files and warms the executor up.
        _app(site, version), _bare(site, version), _nothing(version, site)
        ours, bare, nothing = [], [], []
        for _ in range(RUNS):
            ours.append(_app(site, version))
            bare.append(_bare(site, version))
            nothing.append(_nothing(version, site))
    beside = f"bare post {median(bare) * 1000:.0f} ms (Python alone {median(nothing) * 1000:.0f} ms)"
    ratio = median(ours) / median(bare)
    what = f"CPU of an action's process, Python {version}"
    return [Figure(what, f"{median(ours) * 1000:.0f} ms", beside, ratio, "at most 1.3")]


def _app(site: Site, version: str) -> float:
    folder = site.world.home / "var" / "run" / "splunk" / "dispatch" / "bench"
    payload = {
        "server_uri": site.world.splunkd.uri,
        "session_key": site.world.splunkd.session_key(ANALYST),
        "results_file": str(write_csv_gz(folder / "results.csv.gz", [finding("bench", "event")])),
        "configuration": {"project": "SEC"},
        "search_name": "Bench",
        "app": APP,
        "owner": ANALYST,
        "sid": "scheduler__bench",
    }
    script = site.world.home / "etc" / "apps" / APP / "bin" / "responder_create_ticket.py"
    return _cpu(site, [str(interpreters.find(version)), str(script), "--execute"], json.dumps(payload), 0)


def _bare(site: Site, version: str) -> float:
    rows = [{"number": 1, "row": finding("bench", "event")}]
    given = {
        "uri": f"{site.world.splunkd.uri}/servicesNS/nobody/{APP}/{APP}/record",
        "body": {"action": "create_ticket", "parameters": {"project": "SEC"}, "rows": rows},
        "headers": {
            "Authorization": f"Splunk {site.world.splunkd.session_key(ANALYST)}",
            "Content-Type": "application/json",
        },
    }
    return _cpu(site, [str(interpreters.find(version)), "-c", BARE], json.dumps(given), 0)


def _nothing(version: str, site: Site) -> float:
    return _cpu(site, [str(interpreters.find(version)), "-c", "pass"], "", 0)


def _cpu(site: Site, command: Sequence[str], given: str, expected: int) -> float:
    before = children_cpu()
    done = processes.run(site.world.runner.host.start(command), given.encode())
    if done.exit_code != expected:
        raise RuntimeError(f"{Path(command[1]).name} ended with {done.exit_code}: {done.stderr}")
    return children_cpu() - before


if __name__ == "__main__":
    print(table(main()))
