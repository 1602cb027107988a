"""One file into an output, in flat memory."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from responder.ingest.events import Events, Where
from responder.ingest.known_ids import KnownIds
from responder.ingest.notifications import S3Object
from responder.ingest.reading import FileReader, UnreadableFile
from responder.ingest.seen import Seen
from responder.ingest.settings import IngestSettings

KEY = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/04/111122223333_CloudTrail_eu-west-1_20260304T0510Z_a.json.gz"


class Bucket:
    """S3 with one object."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def open_object(self, *_: Any) -> Any:
        return io.BytesIO(self._body)


class Taken:
    """An output that keeps what it is given."""

    block = 1

    def __init__(self) -> None:
        self.raws: list[bytes] = []

    def write(self, file: str, where: Where, events: Events) -> None:
        self.raws += events.raws

    def finish(self, file: str) -> None: ...
    def settle(self, files: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
        return frozenset(), frozenset()

    def forget(self, file: str) -> None: ...
    def close(self) -> None: ...


def read(folder: Path, records: list[dict[str, Any]], most: int, at_once: bool = False) -> tuple[Taken, KnownIds, str]:
    body = gzip.compress(json.dumps({"Records": records}).encode())
    output, ids = Taken(), KnownIds(Seen.open(folder, 100_000, 1e9))
    settings, aws = IngestSettings("trail", "logs"), Bucket(body)
    reader = FileReader(settings, aws, output, ids, None, "0" * 32, "main", most, lambda: False, lambda: 1.0, at_once)  # type: ignore[arg-type]
    try:
        reader.read("f", S3Object("logs", KEY), True)
    except UnreadableFile as error:
        return output, ids, str(error)
    return output, ids, ""


def records(count: int) -> list[dict[str, Any]]:
    return [{"eventVersion": "1.11", "eventID": f"{number}-{'x' * 2000}"} for number in range(count)]


def test_a_file_with_more_records_than_can_be_remembered_is_read_up_to_there_and_told(tmp_path: Path) -> None:
    output, ids, said = read(tmp_path, records(3000), 1000)
    assert "has more than 1,000 records" in said and "Memory, MB" in said
    assert 0 < len(output.raws) <= 1000 and ids.count("f") == len(output.raws)


@pytest.mark.parametrize(("count", "at_once"), [(1000, False), (3000, True)])
def test_what_can_be_remembered_or_is_marked_at_once_is_read_as_a_whole(
    tmp_path: Path, count: int, at_once: bool
) -> None:
    output, ids, said = read(tmp_path, records(count), 1000, at_once)
    assert said == "" and len(output.raws) == count + 1, "and the event of the file"
    assert ids.count("f") < 1000 or not at_once
