"""CloudTrail records out of files: log files, JSON lines, and lines that carry the record under ``event``."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from spl import Event

Record = dict[str, Any]
GZIP = b"\x1f\x8b"
_PARQUET = b"PAR1"
#: What a folder is searched for.
ENDINGS = (".json", ".json.gz", ".jsonl", ".jsonl.gz")
#: Folders that AWS writes other logs to, beside those that are read, in the same bucket.
_OTHERS = frozenset({"CloudTrail-Digest", "CloudTrail-Insight", "Config", "elasticloadbalancing", "WAFLogs"})
#: What CloudWatch Logs puts in front of a line that it exports.
_EXPORTED = re.compile(r"\d{4}-\d\d-\d\dT\S+\s+(?=\{)")


class UnreadableRecords(Exception):
    """A file that holds no CloudTrail records, or is cut off."""


def read(paths: Iterable[Path]) -> Iterator[Record]:
    """The records of files: ``{"Records": [...]}``, a list, or one JSON object a line; gzip'd or not."""
    for path in paths:
        yield from parsed(path, text_of(path), is_record)


def text_of(path: Path) -> str:
    """The text of a file, gzip'd or not. Raises UnreadableRecords."""
    try:
        content = path.read_bytes()
        if content.startswith(_PARQUET):
            raise UnreadableRecords(f"{path} is a Parquet file, which is not read; logs are read as text or JSON.")
        return (gzip.decompress(content) if content.startswith(GZIP) else content).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        # Python's own text of an OSError has the path once more.
        why = (error.strerror if isinstance(error, OSError) else None) or error
        raise UnreadableRecords(f"{path} cannot be read: {why}") from error


def files_of(paths: Iterable[Path], endings: Sequence[str] = ENDINGS, what: str = "CloudTrail") -> list[Path]:
    """The log files at and below the paths. Raises UnreadableRecords for a path that is not there or holds none."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = [one for one in path.rglob("*") if one.name.lower().endswith(tuple(endings)) and one.is_file()]
            below = [one for one in inside if not _OTHERS.intersection(one.relative_to(path).parts)]
            if not below:
                raise UnreadableRecords(f"{path} holds no {', '.join(endings)} file of {what}.")
            found.update(dict.fromkeys(sorted(below)))
        else:
            found[path] = None
    return list(found)


def parsed(path: Path, text: str, wanted: Callable[[Record], bool]) -> Iterator[Record]:
    """The records in a text of JSON, which ``wanted`` tells from what is around them. Raises UnreadableRecords."""
    try:
        whole = json.loads(text)
    except ValueError:
        whole = None
    if whole is not None:
        yield from _unwrapped(path, whole, wanted)
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            exported = _EXPORTED.match(line)
            try:
                yield from _unwrapped(path, json.loads(line[exported.end() :] if exported else line), wanted)
            except ValueError as error:
                raise UnreadableRecords(f"{path}, line {number}: not JSON: {error}") from error


def is_record(value: Record) -> bool:
    """It is of CloudTrail."""
    return "eventName" in value


def _unwrapped(path: Path, value: Any, wanted: Callable[[Record], bool]) -> Iterator[Record]:
    if isinstance(value, list):
        for member in value:
            yield from _unwrapped(path, member, wanted)
    elif isinstance(value, dict) and isinstance(value.get("Records"), list):
        yield from _unwrapped(path, value["Records"], wanted)
    elif isinstance(value, dict) and isinstance(value.get("event"), dict):
        yield value["event"]
    elif isinstance(value, dict) and wanted(value):
        yield value
    else:
        raise UnreadableRecords(f"{path}: {json.dumps(value)[:80]} is not a CloudTrail record.")


def as_event(record: Record) -> Event:
    """A record as the Splunk Add-on for AWS indexes it. A record without a usable time counts as of 1970."""
    time = _epoch(str(record.get("eventTime", "")))
    raw = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return Event(raw=raw, time=time, index="main", sourcetype="aws:cloudtrail", source="file", indextime=time)


def _epoch(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
