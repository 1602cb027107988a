"""A CloudTrail file, cut into its records while it streams by, each exactly as it stands."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..errors import ResponderError
from .record import Record


@dataclass(frozen=True)
class Limits:
    """What a file may have, in bytes of its text (after gzip). Beyond it the file is refused, and memory stays flat."""

    #: One record. CloudTrail's own have 256 kB at most.
    record: int = 8 * 1024 * 1024
    #: The whole file: a small gzip can inflate to anything.
    text: int = 8 * 1024 * 1024 * 1024


LIMITS = Limits()


class DamagedFile(ResponderError):
    """The file cannot be read (any further). The records before were given.

    ``records`` says how many these were, ``position`` where in its text (bytes, after gzip) it breaks.
    """

    def __init__(self, message: str, hint: str = "", records: int = 0, position: int = 0) -> None:
        super().__init__(message, hint)
        self.records = records
        self.position = position


def records(chunks: Iterable[bytes], name: str = "The file", limits: Limits = LIMITS) -> Iterator[Record]:
    """The records of a file (gzip or plain), read while it streams. ``name`` is what errors call it.

    Raises DamagedFile behind the records before. Whatever ``chunks`` raises goes through.
    """
    data = b"".join(chunks)
    try:
        text = zlib.decompress(data, 31) if data[:2] == b"\x1f\x8b" else data
        document = json.loads(text)
        found = document["Records"]
    except (ValueError, zlib.error, KeyError, TypeError) as error:
        raise DamagedFile(f"{name} cannot be read: {error}.") from None
    for item in found:
        yield Record(json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode())
