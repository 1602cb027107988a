"""The text of a file while it streams by: gzip, of one or several members, or plain."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterable, Iterator

#: Bytes that are inflated in one go. What is made of them stays in a processor's cache, and is small enough for malloc
#: to reuse: from 128 kB on each allocation is new pages, which costs more than to split what they hold.
BLOCK = 65_536
#: zlib copies what it has not used, so it gets little at a time.
_GIVEN = 65_536
_MAGIC = b"\x1f\x8b"
#: zlib.decompressobj: gzip, with its header and checksum.
_GZIP = 31
FETCH_AGAIN = "Fetch it again; if it stays so, the object itself is damaged."


class Unreadable(Exception):
    """The file ends early, is damaged or too large. ``reason`` is a clause that says so, ``hint`` what to do."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def text(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """The text in blocks of at most BLOCK bytes, ``most`` bytes in all. Raises Unreadable behind what can be read.

    Whether it is gzip its first two bytes say: neither the name nor S3's metadata has to be right.
    """
    total = 0
    for block in _inflated(_pieces(chunks)):
        total += len(block)
        if total > most:
            raise Unreadable(
                f"has more than {most:,} bytes of text",
                "If CloudTrail has written it, raise the limit; if not, somebody wants to fill this host's memory.",
            )
        yield block


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for at in range(0, len(chunk), _GIVEN):
            yield chunk[at : at + _GIVEN]


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= len(_MAGIC):
            break
    if not head.startswith(_MAGIC):
        yield head
        yield from pieces
        return
    rest = head
    while rest:
        rest = yield from _member(rest, pieces)


def _member(rest: bytes, pieces: Iterator[bytes]) -> Generator[bytes, None, bytes]:
    """One member of a gzip, and as the generator's value what follows it: the next member, or nothing."""
    stream = zlib.decompressobj(_GZIP)
    while True:
        try:
            block = stream.decompress(rest, BLOCK)
        except zlib.error as error:
            raise Unreadable(f"is no gzip any further ({error})", FETCH_AGAIN) from None
        if block:
            yield block
        if stream.eof:
            return _next_member(stream.unused_data, pieces)
        # What is inflated and did not fit waits within zlib, without anything left of what was given.
        rest = stream.unconsumed_tail
        if not rest and len(block) < BLOCK:
            rest = next(pieces, b"")
            if not rest:
                raise Unreadable("ends within its gzip", FETCH_AGAIN)


def _next_member(rest: bytes, pieces: Iterator[bytes]) -> bytes:
    """The rest from the next member on, nothing at the end. Zeros between and behind members are padding."""
    rest = rest.lstrip(b"\0")
    while len(rest) < len(_MAGIC):
        piece = next(pieces, b"")
        if not piece:
            break
        rest = (rest + piece).lstrip(b"\0")
    if rest and not rest.startswith(_MAGIC):
        raise Unreadable("has other bytes behind its gzip", "CloudTrail writes none: find out who wrote the object.")
    return rest
