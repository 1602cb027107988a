"""The content of CloudTrail's files, as a stream: whatever their size, a few hundred kilobytes are in memory."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterable, Iterator
from typing import Any

#: Bytes that are handed on at once.
BLOCK = 256 * 1024
_GZIP = b"\x1f\x8b"


class Damaged(ValueError):
    """The content cannot be read; the message is a clause: "is cut off"."""


def inflated(blocks: Iterable[bytes], most: int = 0) -> Iterator[bytes]:
    """The uncompressed content of a file: gzip, in one member or several, or as it is where it is no gzip.

    ``most`` limits the content's bytes, since a small file can inflate to any size; 0 is no limit. Raises Damaged.
    """
    size = 0
    for block in _content(iter(blocks)):
        size += len(block)
        if most and size > most:
            raise Damaged(f"inflates to more than {most:,} bytes")
        yield block


def _content(blocks: Iterator[bytes]) -> Iterator[bytes]:
    first = b""
    for block in blocks:
        first += block
        if len(first) >= len(_GZIP):
            break
    if not first.startswith(_GZIP):
        if first:
            yield first
        yield from blocks
        return
    rest = first
    while rest:
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        rest = yield from _member(member, rest, blocks)
        while 0 < len(rest) < len(_GZIP):
            more = next(blocks, b"")
            if not more:
                break
            rest += more
        if rest and not rest.startswith(_GZIP):
            raise Damaged("has bytes after its end")


def _member(member: Any, data: bytes, blocks: Iterator[bytes]) -> Generator[bytes, None, bytes]:
    """One gzip member; returns what follows it."""
    while True:
        try:
            content = member.decompress(data, BLOCK)
        except zlib.error as error:
            raise Damaged("is no valid gzip") from error
        if content:
            yield content
        if member.eof:
            return member.unused_data or next(blocks, b"")
        data = member.unconsumed_tail or next(blocks, b"")
        if not data and not content:
            raise Damaged("is cut off")
