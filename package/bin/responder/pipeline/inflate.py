"""The content of CloudTrail's files while it streams by: gzip, of one or several members, or plain. Memory is flat."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterable, Iterator

#: Bytes that are inflated in one go. What is made of them stays in a processor's cache, and is small enough for malloc
#: to reuse: from 128 kB on each allocation is new pages, which costs more than to split what they hold.
BLOCK = 65_536
#: zlib copies what it has not used, so it gets little at a time.
_GIVEN = 65_536
_MAGIC = b"\x1f\x8b"
#: Members of one file. CloudTrail's have one, and files that somebody has joined have some. Empty ones would keep a
#: reader busy for hours without a byte of content.
_MOST_MEMBERS = 10_000
#: zlib.decompressobj: gzip, with its header and checksum.
_GZIP = 31
FETCH_AGAIN = "Fetch it again; if it stays so, the object itself is damaged."
_WHO_WROTE = "CloudTrail writes no such file: find out who wrote the object."


class Damaged(ValueError):
    """The content ends early, is damaged or too large. The message is a clause ("is cut off"), ``hint`` what to do."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def inflated(blocks: Iterable[bytes], most: int = 0) -> Iterator[bytes]:
    """The content in blocks of at most BLOCK bytes. Raises Damaged behind what can be read.

    ``most`` limits the bytes of the content, and those that are stored, since a small file can inflate to any size; 0
    is no limit. Whether it is gzip its first two bytes say: neither the name nor S3's metadata has to be right.
    """
    size = 0
    for block in _content(_pieces(blocks, most)):
        size += len(block)
        if most and size > most:
            raise _too_large(most)
        yield block


def _too_large(most: int) -> Damaged:
    return Damaged(
        f"has more than {most:,} bytes",
        "If CloudTrail has written it, raise the limit; if not, somebody wants to fill this host's memory.",
    )


def _pieces(blocks: Iterable[bytes], most: int) -> Iterator[bytes]:
    size = 0
    for block in blocks:
        size += len(block)
        for at in range(0, len(block), _GIVEN):
            yield block[at : at + _GIVEN]
        if most and size > most:
            raise _too_large(most)


def _content(pieces: Iterator[bytes]) -> Iterator[bytes]:
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= len(_MAGIC):
            break
    if not head.startswith(_MAGIC):
        if head:
            yield head
        yield from pieces
        return
    rest, members = head, 0
    while rest:
        members += 1
        if members > _MOST_MEMBERS:
            raise Damaged(f"has more than {_MOST_MEMBERS:,} gzip members", _WHO_WROTE)
        rest = yield from _member(rest, pieces)


def _member(rest: bytes, pieces: Iterator[bytes]) -> Generator[bytes, None, bytes]:
    """One member of a gzip, and as the generator's value what follows it: the next member, or nothing."""
    stream = zlib.decompressobj(_GZIP)
    while True:
        try:
            block = stream.decompress(rest, BLOCK)
        except zlib.error as error:
            raise Damaged(f"is no valid gzip ({error})", FETCH_AGAIN) from error
        if block:
            yield block
        if stream.eof:
            return _next_member(stream.unused_data, pieces)
        # What is inflated and did not fit waits within zlib, without anything left of what was given.
        rest = stream.unconsumed_tail
        if not rest and len(block) < BLOCK:
            rest = next(pieces, b"")
            if not rest:
                raise Damaged("is cut off", FETCH_AGAIN)


def _next_member(rest: bytes, pieces: Iterator[bytes]) -> bytes:
    """The rest from the next member on, nothing at the end. Zeros between and behind members are padding."""
    rest = rest.lstrip(b"\0")
    while len(rest) < len(_MAGIC):
        piece = next(pieces, b"")
        if not piece:
            break
        rest = (rest + piece).lstrip(b"\0")
    if rest and not rest.startswith(_MAGIC):
        raise Damaged("has bytes after its end", _WHO_WROTE)
    return rest
