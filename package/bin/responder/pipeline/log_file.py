"""A file of CloudTrail in its bucket: what S3 says of it, how many records it has, and the first of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..aws.answer import Answer
from ..aws.client import Aws
from ..errors import NotPermitted
from . import file_names, objects
from .file_names import FileName
from .inflate import Damaged, inflated
from .layers import ObjectNamed
from .record_stream import records

#: Records that are shown, and bytes of content that are read at most.
SHOWN, MOST = 3, 1_000_000_000
_BESIDE = 1000


@dataclass(frozen=True)
class LogFile:
    named: ObjectNamed
    #: What its key says; None for what CloudTrail does not write.
    name: FileName | None = None
    exists: bool = False
    #: Stored bytes, and those of the content.
    size: int = 0
    content_size: int = 0
    #: Of the content, in lower case hex.
    sha256: str = ""
    modified: datetime | None = None
    #: As in ``aws:kms (arn:...)``.
    encryption: str = ""
    storage_class: str = ""
    version: str = ""
    #: Files in the same folder, which is a day's; None where they may not be listed. ``_BESIDE`` means at least.
    beside: int | None = None
    records: int = 0
    first: tuple[Mapping[str, Any], ...] = ()
    #: What is wrong with it, one line.
    problem: str = ""


def look(aws: Aws, named: ObjectNamed) -> LogFile:
    """Raises a ResponderError where S3 does not give it; what is wrong with the file itself is in ``problem``."""
    key, where = named.key, f"s3://{named.bucket}/{named.key}"
    answer = objects.opened(aws, named.bucket, key, named.version)
    name = file_names.parse(key)
    if answer is None:
        gone = f"{where} does not exist (any more). A lifecycle rule, or somebody, has deleted it."
        return LogFile(named, name, problem=gone)
    counting = _Counting(inflated(objects.blocks(answer, where), MOST))
    first: list[Mapping[str, Any]] = []
    count, problem = 0, ""
    try:
        for record in _records_of(iter(counting)):
            count += 1
            if len(first) < SHOWN and isinstance(record, Mapping):
                first.append(record)
    except Damaged as damage:
        problem = f"{where} {damage}."
    return LogFile(
        named,
        name,
        exists=True,
        size=int(answer.get("ContentLength") or 0),
        content_size=counting.size,
        sha256=counting.hash.hexdigest(),
        modified=answer.get("LastModified"),
        encryption=_encryption(answer),
        storage_class=str(answer.get("StorageClass") or "STANDARD"),
        version=str(answer.get("VersionId") or ""),
        beside=_beside(aws, named),
        records=count,
        first=tuple(first),
        problem=problem,
    )


class _Counting:
    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = blocks
        self.size = 0
        self.hash = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for block in self._blocks:
            self.size += len(block)
            self.hash.update(block)
            yield block


def _records_of(content: Iterator[bytes]) -> Iterator[Any]:
    yield from records(content)
    # What follows the last record counts as content, too, and shows where the file is cut off.
    for _ in content:
        pass


def _encryption(answer: Answer) -> str:
    kind, key = str(answer.get("ServerSideEncryption") or "none"), str(answer.get("SSEKMSKeyId") or "")
    return f"{kind} ({key})" if key else kind


def _beside(aws: Aws, named: ObjectNamed) -> int | None:
    folder = named.key.rpartition("/")[0] + "/" if "/" in named.key else ""
    try:
        answer = aws.read("s3", "list_objects_v2", Bucket=named.bucket, Prefix=folder, MaxKeys=_BESIDE)
    except NotPermitted:
        return None
    return int(answer.get("KeyCount") or 0)
