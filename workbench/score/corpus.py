"""A folder of labeled records: JSON lines, gzip'd or not, each with the record under ``event`` and labels around it.

A file whose name begins with ``background`` is bulk traffic, which nothing should be raised on.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spl import Event
from workbench.replay import UnreadableRecords, flow_logs, logs

#: Of bulk traffic as AWS writes it.
RAW = (".log", ".log.gz")
ENDINGS = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
BULK = "background"


class InvalidCorpus(Exception):
    """A folder that holds no labeled records, or a line that is none; the message is one line."""


@dataclass(frozen=True)
class Labeled:
    """A record and what is known about it."""

    id: str
    event: Event
    #: How findings name it: its ``eventID``, or a hash of its text where it has none.
    event_id: str
    label: str
    expect: frozenset[str]
    accept: frozenset[str]
    attempted: bool
    group: str | None
    synthetic: bool
    #: It comes from a file of bulk traffic.
    bulk: bool

    @property
    def case(self) -> str:
        """What is counted once: its group, or the record."""
        return self.group or self.id


@dataclass(frozen=True)
class Corpus:
    records: tuple[Labeled, ...]
    files: tuple[str, ...]

    @property
    def background(self) -> int:
        return sum(1 for record in self.records if record.bulk)

    @property
    def sources(self) -> frozenset[str]:
        """The kinds of logs that it holds."""
        return logs.sources_of(record.event for record in self.records)

    def notes(self) -> list[str]:
        """What makes the figures less certain."""
        timeless = [r.id for r in self.records if r.event.time <= 0]
        times = Counter(record.event_id for record in self.records)
        twice = [record.id for record in self.records if times[record.event_id] > 1]
        notes = []
        if timeless:
            notes.append(f"{len(timeless)} records have no usable eventTime and count as of 1970: {_some(timeless)}")
        if twice:
            notes.append(f"{len(twice)} records share an eventID with another one, and its findings: {_some(twice)}")
        return notes


def _some(ids: list[str]) -> str:
    return ", ".join(ids[:3]) + (", ..." if len(ids) > 3 else "")


def read_corpus(folder: Path) -> Corpus:
    """Every labeled record below a folder. Raises InvalidCorpus."""
    if not folder.is_dir():
        raise InvalidCorpus(f"{folder} is no folder; give one with *.jsonl or *.jsonl.gz files of labeled records.")
    paths = sorted(path for path in folder.rglob("*") if path.name.endswith(ENDINGS) or _is_raw(path))
    if not paths:
        raise InvalidCorpus(f"{folder} holds no *.jsonl or *.jsonl.gz file of labeled records.")
    records = tuple(record for path in paths for record in _file(path))
    if not records:
        raise InvalidCorpus(f"The files in {folder} are empty.")
    ids: set[str] = set()
    for record in records:
        if record.id in ids:
            raise InvalidCorpus(f"Two records in {folder} have the id {record.id}; figures name records by it.")
        ids.add(record.id)
    return Corpus(records, tuple(str(path.relative_to(folder)) for path in paths))


def _is_raw(path: Path) -> bool:
    return path.name.startswith(BULK) and path.name.endswith(RAW)


def _raw(path: Path) -> Iterator[Labeled]:
    """Records as AWS writes them are named by their number, and nothing is expected on them."""
    held = logs.Logs()
    try:
        held.add(path)
    except UnreadableRecords as error:
        raise InvalidCorpus(str(error)) from error
    if held.skipped:
        raise InvalidCorpus(f"Not a log: {held.skipped[0]}")
    for number, event in enumerate(held.events, 1):
        yield _labeled_event(event, {"id": f"{path.name}:{number}", "label": "background"}, bulk=True)


def _file(path: Path) -> Iterator[Labeled]:
    if _is_raw(path):
        yield from _raw(path)
        return
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InvalidCorpus(f"{path} cannot be read: {error}") from error
    # Not splitlines(): JSON may hold line separators that are none of JSON lines.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield _labeled(json.loads(line), path.name.startswith(BULK))
            except (ValueError, TypeError) as error:
                raise InvalidCorpus(f"{path}, line {number}: {error}") from error


def _labeled(line: Any, bulk: bool) -> Labeled:
    if not isinstance(line, dict) or not isinstance(line.get("event"), (dict, str)) or not line.get("id"):
        raise ValueError("a labeled record is an object with 'id', 'event' and labels.")
    event = line["event"]
    if isinstance(event, str) and not flow_logs.is_flow_log(event):
        raise ValueError("an 'event' that is a text is a flow log record in the default format.")
    return _labeled_event(logs.event_of(event, str(line.get("source") or "file")), line, bulk)


def _labeled_event(event: Event, line: Mapping[str, Any], bulk: bool) -> Labeled:
    record = event.document
    named = record.get("eventID") if isinstance(record, dict) else None
    return Labeled(
        id=str(line["id"]),
        event=event,
        event_id=str(named or hashlib.md5(event.raw.encode("utf-8")).hexdigest()),
        label=str(line.get("label", "")),
        expect=_families(line, "expect"),
        accept=_families(line, "accept"),
        attempted=bool(line.get("attempted")),
        group=str(line["group"]) if line.get("group") else None,
        synthetic=bool(line.get("synthetic")),
        bulk=bulk,
    )


def _families(line: Mapping[str, Any], key: str) -> frozenset[str]:
    value = line.get(key) or []
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError(f"'{key}' has to be a list of families.")
    return frozenset(value)
