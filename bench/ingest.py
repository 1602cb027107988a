"""What the CloudTrail input costs for each record, beside a loop with ``json`` and beside the least that anybody needs.

Each way is a process of its own with one of Splunk's Pythons, on ordinary days in CloudTrail (``ingest_ways.py``). It
downloads a file from this machine and writes to a pipe; what serves and reads does not count. Memory on Linux only.
"""

from __future__ import annotations

import gzip
import json
import logging
import os
import random
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.figures import Figure, median, table
from sandbox.loopback import Exchange, LoopbackServer, Reply
from sandbox.runner import interpreters

ROOT = Path(__file__).resolve().parent.parent
# The generator of ordinary days belongs to the tests of the detections.
sys.path.append(str(ROOT / "tests" / "detections"))
import ordinary_day  # noqa: E402

PRODUCT = ROOT / "package" / "bin"
RECORDS, TURNS = 20_000, 5
SMALL, LARGE = 2, 200
IDS = 5_000_000
AGENTS = [f"{kind}-{number}" for kind in ("retry-mode", "user-agent", "endpoint", "session") for number in range(25)]
#: What they may take, in MB.
MOST = 80


def main() -> list[Figure]:
    figures = []
    with _files() as (url, sizes):
        for version in interpreters.available():
            figures += _speed(version, url) + _memory(version, url, sizes)
    for version in interpreters.available():
        _, _, peak, before = _measured(version, "remember", str(IDS))
        taken = (peak - before) * 1024 / 1e6
        figures.append(
            Figure(
                f"memory for {IDS:,} event ids, Python {version}",
                f"{taken:.0f} MB, {taken * 1e6 / IDS:.1f} bytes an id",
                f"what they may take: {MOST} MB",
                taken / MOST,
                "at most 1",
            )
        )
    return figures


def _speed(version: str, url: str) -> list[Figure]:
    ways = ("floor", "json_loop", "json_loop_with_set", "split", "deduplicated")
    costs: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(TURNS):
        for way in ways:
            count, seconds, _, _ = _measured(version, way, f"{url}/records")
            if count != RECORDS:
                raise RuntimeError(f"{way} has found {count:,} of {RECORDS:,} records")
            costs[way].append(seconds)
    rates = {way: RECORDS / median(seconds) for way, seconds in costs.items()}

    def compared(way: str, what: str, other: str, beside: str, aim: str) -> Figure:
        return Figure(
            f"records for a second of processor time, {what}, Python {version}",
            f"{rates[way]:,.0f}",
            f"{beside}: {rates[other]:,.0f}",
            rates[way] / rates[other],
            aim,
        )

    loop, least = "json.loads and json.dumps", "download, inflate, one write"
    return [
        compared("split", "split, with event ids", "json_loop", loop, "at least 4"),
        compared("split", "split, with event ids", "floor", least, "at least 0.45"),
        compared("deduplicated", "split, and duplicates dropped", "json_loop_with_set", f"{loop}, and a set", ""),
        compared("deduplicated", "split, and duplicates dropped", "floor", least, ""),
    ]


def _memory(version: str, url: str, sizes: dict[int, int]) -> list[Figure]:
    peaks = {size: _measured(version, "split", f"{url}/{size}")[2] for size in (SMALL, LARGE)}
    if not all(peaks.values()):
        return []
    return [
        Figure(
            f"peak memory of a process that splits {sizes[LARGE] / 1e6:.0f} MB, Python {version}",
            f"{peaks[LARGE] / 1024:.1f} MB",
            f"{sizes[SMALL] / 1e6:.1f} MB: {peaks[SMALL] / 1024:.1f} MB",
            peaks[LARGE] / peaks[SMALL],
            "at most 1.1",
        )
    ]


def _measured(version: str, way: str, given: str) -> tuple[int, float, int, int]:
    script = Path(__file__).with_name("ingest_ways.py")
    command = [str(interpreters.find(version)), "-s", str(script), way, given]
    environment = {"PYTHONPATH": str(PRODUCT), "PATH": os.environ.get("PATH", "")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        while process.stdout.read(1_048_576):
            pass
        said = process.stderr.read().decode()
    if process.returncode:
        raise RuntimeError(f"{way} ended with {process.returncode}: {said}")
    count, seconds, peak, before = json.loads(said.strip().rpartition("\n")[2])
    return count, seconds, peak, before


@contextmanager
def _files() -> Iterator[tuple[str, dict[int, int]]]:
    """Where the files are served, and how much text the large ones have, in bytes."""
    made = _records()
    bodies = {"/": b"", "/records": gzip.compress(b'{"Records":[' + b",".join(made) + b"]}", 6)}
    sizes = {}
    for size in (SMALL, LARGE):
        # A large file of several members, with the same records again and again.
        part = b",".join(made[:1000]) + b","
        times = max(round(size * 1e6 / len(part)), 1)
        member = gzip.compress(part, 6)
        bodies[f"/{size}"] = gzip.compress(b'{"Records":[') + member * times + gzip.compress(made[0] + b"]}")
        sizes[size] = times * len(part)

    def answer(exchange: Exchange) -> Reply:
        return Reply(200, bodies[exchange.path])

    server = LoopbackServer(answer, logging.getLogger("bench"), lambda: None)
    port = server.start()
    try:
        yield f"http://127.0.0.1:{port}", sizes
    finally:
        server.stop()


def _records() -> list[bytes]:
    """Ordinary days, as many as it takes, as CloudTrail writes them.

    The generator's few people and machines make a gzip smaller than CloudTrail's own, so each record is of somebody
    else, and they come in any order, as they do in a file of a large account: five to six times as much text as gzip.
    """
    made: list[dict[str, Any]] = []
    seed = 0
    while len(made) < RECORDS:
        # Insights tell of no call, and two of them have one event ID.
        made += [one for one in ordinary_day.records(seed) if "eventName" in one]
        seed += 1
    chance = random.Random(1)
    chance.shuffle(made)
    return [json.dumps(_varied(each, chance), separators=(",", ":")).encode() for each in made[:RECORDS]]


def _varied(record: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    name = f"{chance.getrandbits(64):016X}"
    text = json.dumps(record).replace("EXAMPLE", name)
    varied: dict[str, Any] = json.loads(text)
    if isinstance(varied.get("requestParameters"), dict):
        varied["requestParameters"]["clientToken"] = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    # Agents say much, and not the same.
    varied["userAgent"] = f"{varied.get('userAgent', '')} md/{chance.getrandbits(48):x} cfg/{chance.choice(AGENTS)}"
    varied["tlsDetails"] = {
        "tlsVersion": "TLSv1.3",
        "cipherSuite": "TLS_AES_128_GCM_SHA256",
        "clientProvidedHostHeader": f"{chance.choice(AGENTS)}.{record['eventSource']}",
    }
    return varied


if __name__ == "__main__":
    print(table(main()))
