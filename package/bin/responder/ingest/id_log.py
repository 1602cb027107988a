"""The keys of event ids on disk, in the order in which they were marked: appended, read by position, dropped in front.

The log is a folder of segments, each a file of entries of 16 bytes, named by the position of its first entry. A block
is one entry with its time and checksum, then its keys. What a crash leaves of a block at the end is cut off. Nothing is
forced to the disk: what a loss of power takes is ids, whose records are then indexed twice, and never a record.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from .id_keys import SIZE

#: Keys in a block, at most.
BLOCK = 0xFFFF
_MAGIC = b"Id"
#: Magic, number of keys, seconds since the epoch, the block's position (its last 32 bits); then the checksum.
_HEAD = struct.Struct("<2sHII")
_CHECKSUM = struct.Struct("<I")


@dataclass(frozen=True)
class Block:
    """Keys that were marked together. That of the first key is the position after the block's own."""

    position: int
    time: int
    count: int


class _Segment:
    """A file with entries from ``first`` up to and without ``end``. Its blocks count from ``start`` on."""

    def __init__(self, path: Path, first: int) -> None:
        self.path = path
        self.first = self.start = self.end = first
        # Unbuffered: what was written is the system's, and survives the process.
        self.file = FileIO(str(path), "r+" if path.exists() else "x+")

    def read(self, position: int, count: int = 1) -> bytes:
        self.file.seek((position - self.first) * SIZE)
        return self.file.read(count * SIZE) or b""

    def append(self, block: Block, data: bytes) -> None:
        at = (self.end - self.first) * SIZE
        self.file.seek(at)
        try:
            written = self.file.write(data)
            if written != len(data):
                raise OSError(f"{self.path}: only {written} of {len(data)} bytes were written; is the disk full?")
        except OSError:
            self.file.truncate(at)
            raise
        self.end += 1 + block.count

    def recover(self) -> int:
        """Find the end of the last good block; gives how many bytes behind it are none."""
        data = self.read(self.first, os.fstat(self.file.fileno()).st_size // SIZE + 1)
        at = 0
        while (block := _block(data, at, self.end)) is not None:
            self.end += 1 + block.count
            at += (1 + block.count) * SIZE
        return len(data) - at

    def cut(self) -> None:
        """Take away what is behind the last good block."""
        self.file.truncate((self.end - self.first) * SIZE)

    def block(self, position: int) -> tuple[Block, list[bytes]]:
        """The block at a position, and its keys. Raises OSError where it was changed since it was written or read."""
        head = self.read(position)
        count = _HEAD.unpack_from(head)[1] if len(head) == SIZE else 0
        data = head + self.read(position + 1, count)
        block = _block(data, 0, position)
        if block is None:
            raise OSError(f"{self.path} was changed by somebody else. Have one input use the folder, and restart it.")
        return block, _keys(data[SIZE:])

    def remove(self) -> None:
        self.file.close()
        self.path.unlink()


class IdLog:
    """Blocks of keys on disk. A folder belongs to one process at a time. Everything here raises OSError."""

    def __init__(self, folder: Path, entries_in_segment: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._entries_in_segment = entries_in_segment
        self._segments: deque[_Segment] = deque()
        self._oldest: tuple[Block, list[bytes]] | None = None
        #: Bytes that were no good blocks when the log was opened: after a crash, or where somebody has changed a file.
        self.damaged = 0
        for path in sorted(folder.glob(f"ids-{'[0-9]' * 20}.log")):
            segment = _Segment(path, int(path.stem[4:]))
            self.damaged += segment.recover()
            self._segments.append(segment)
        if self._segments:
            self._segments[-1].cut()

    @property
    def end(self) -> int:
        """The position that the next block will have."""
        return self._segments[-1].end if self._segments else 0

    def blocks(self) -> Iterator[tuple[Block, list[bytes]]]:
        """Every block, oldest first, with its keys."""
        for segment in self._segments:
            position = segment.start
            while position < segment.end:
                block, found = segment.block(position)
                yield block, found
                position += 1 + block.count

    def append(self, found: Sequence[bytes], time: int) -> Block:
        """Write a block of at most BLOCK keys. Where it raises, nothing of it is there."""
        if not self._segments or self._segments[-1].end - self._segments[-1].first >= self._entries_in_segment:
            position = self.end
            self._segments.append(_Segment(self._folder / f"ids-{position:020d}.log", position))
        segment = self._segments[-1]
        block = Block(segment.end, time, len(found))
        head = _HEAD.pack(_MAGIC, block.count, time, block.position % 2**32)
        body = b"".join(found)
        segment.append(block, head + _CHECKSUM.pack(zlib.crc32(body, zlib.crc32(head))) + body)
        return block

    def key(self, position: int) -> bytes:
        """The key at a position; nothing where it was dropped."""
        for segment in reversed(self._segments):
            if segment.first <= position:
                return segment.read(position) if segment.start <= position < segment.end else b""
        return b""

    def oldest(self) -> Block | None:
        """The block that ``drop_oldest`` would drop."""
        if self._oldest is None:
            while len(self._segments) > 1 and self._segments[0].start == self._segments[0].end:
                self._segments.popleft().remove()
            segment = self._segments[0] if self._segments else None
            if segment is not None and segment.start < segment.end:
                self._oldest = segment.block(segment.start)
        return self._oldest[0] if self._oldest else None

    def drop_oldest(self) -> list[bytes]:
        """Forget the oldest block; gives its keys. After a restart it may be back: its file goes with the last."""
        if self.oldest() is None or self._oldest is None:
            return []
        block, found = self._oldest
        self._segments[0].start += 1 + block.count
        self._oldest = None
        return found

    def close(self) -> None:
        """Close the files."""
        for segment in self._segments:
            segment.file.close()


def _block(data: bytes, at: int, position: int) -> Block | None:
    """The block that begins there; None where that is no whole block of this position."""
    if len(data) < at + SIZE:
        return None
    head = data[at : at + _HEAD.size]
    magic, count, time, low = _HEAD.unpack(head)
    body = data[at + SIZE : at + SIZE * (1 + count)]
    (checksum,) = _CHECKSUM.unpack_from(data, at + _HEAD.size)
    is_good = (
        magic == _MAGIC
        and low == position % 2**32
        and len(body) == count * SIZE
        and checksum == zlib.crc32(body, zlib.crc32(head))
    )
    return Block(position, time, count) if is_good else None


def _keys(data: bytes) -> list[bytes]:
    return [data[at : at + SIZE] for at in range(0, len(data), SIZE)]
