"""Ways to bring a file's records to splunkd, in a process of its own, with Splunk's Python and without the sandbox.

    PYTHONPATH=package/bin python bench/ingest_ways.py split URL > /dev/null

What goes to splunkd goes to standard output; the last line of standard error is JSON: records, seconds of processor
time, and the most kilobytes of memory (Linux only).
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import random
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

from responder.ingest.id_keys import keys_of_texts
from responder.ingest.record import Record
from responder.ingest.seen import Seen
from responder.ingest.splitting import batches

CHUNK = 65_536


def floor(url: str) -> int:
    """Download, inflate, one write: nobody can do with less."""
    with urlopen(url) as answer:
        text = zlib.decompress(answer.read(), 31)
    _write(text)
    return text.count(b'"eventID":')


def json_loop(url: str) -> int:
    """As anybody would write it."""
    with urlopen(url) as answer:
        found = json.loads(gzip.decompress(answer.read()))["Records"]
    for record in found:
        sys.stdout.write(json.dumps(record) + "\n")
    sys.stdout.flush()
    return len(found)


def json_loop_with_set(url: str) -> int:
    """The same, with the usual way to drop duplicates."""
    seen = set()
    with urlopen(url) as answer:
        found = json.loads(gzip.decompress(answer.read()))["Records"]
    for record in found:
        if record["eventID"] not in seen:
            seen.add(record["eventID"])
            sys.stdout.write(json.dumps(record) + "\n")
    sys.stdout.flush()
    return len(seen)


def split(url: str) -> int:
    """The app's splitter: each record as it stands, with its event id."""
    count = 0
    for batch in _batches(url):
        ids = [record.event_id for record in batch]
        _write(b"\n".join([record.raw for record in batch]) + b"\n")
        count += len(ids)
    return count


def deduplicated(url: str) -> int:
    """The same, and what was seen before is dropped. Ids are marked once the file has been taken."""
    taken: list[bytes] = []
    with tempfile.TemporaryDirectory() as folder:
        seen = Seen.open(folder, 1_000_000, 86_400)
        for batch in _batches(url):
            ids = keys_of_texts([record.raw for record in batch], b"")
            answers = seen.new_keys(ids)
            _write(b"\n".join([record.raw for record, is_new in zip(batch, answers) if is_new]) + b"\n")
            taken += ids
        seen.mark_keys(taken, 0)
        seen.close()
    return len(taken)


def remember(count: str) -> int:
    """So many event ids, marked as they come in files of 500."""
    with tempfile.TemporaryDirectory() as folder:
        seen = Seen.open(folder, int(count), 86_400)
        for _ in range(int(count) // 500):
            seen.mark([_uuid() for _ in range(500)], 0)
        seen.close()
        return len(seen)


def _uuid() -> str:
    text = f"{random.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _batches(url: str) -> Iterator[list[Record]]:
    with urlopen(url) as answer:
        yield from batches(iter(lambda: answer.read(CHUNK), b""))


def _write(data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(1, left) :]


def _peak() -> int:
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


WAYS: dict[str, Callable[[str], int]] = {
    way.__name__: way for way in (floor, json_loop, json_loop_with_set, split, deduplicated, remember)
}


def main() -> None:
    way, given = sys.argv[1:]
    if given.startswith("http"):
        # A process has many files: what the first request loads is no part of one.
        urlopen(given[: given.rindex("/") + 1]).close()
    before = _peak()
    started = time.process_time()
    count = WAYS[way](given)
    seconds = time.process_time() - started
    print(json.dumps([count, seconds, _peak(), before]), file=sys.stderr)


if __name__ == "__main__":
    main()
