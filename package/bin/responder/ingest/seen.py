"""Which event ids have been handed over to splunkd: an exact memory, bounded, that survives a crash.

CloudTrail delivers at least once, and two trails deliver the same event. What is here is dropped as a duplicate, so a
wrong answer would lose a record: a filter that is only nearly right (as Bloom's) will not do. In memory there are ten
bytes for an id: four bytes of its hash, which tell nearly all new ids, and the position of its key in a log on disk,
where the few that may be known are compared as a whole.
"""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

from .id_keys import keys
from .id_log import BLOCK, Block, IdLog

#: Four bytes of the hash, and the last 32 bits of the position.
_ENTRY = 8
_POSITIONS = 2**32
#: The last second that a block can have.
_LATEST = 2**32 - 1
#: Ids in a bucket, as they should be on average: few enough to search, many enough for their overhead not to count.
_IN_BUCKET = 40
#: So many files a full log has: the smaller each, the sooner the disk is given back.
_SEGMENTS = 16
#: More would need longer positions.
MOST_IDS = 2**30


class Seen:
    """Event ids that were marked within ``window`` seconds, the newest ``capacity`` of them.

    An id counts as seen only once it was marked, which is after splunkd has taken its event: what stops in between is
    handed over again. Whoever asks before somebody else has marked is told that the id is new. Several threads may
    share it; a folder belongs to one process at a time.
    """

    def __init__(self, log: IdLog, capacity: int, window: float) -> None:
        self._log = log
        self._capacity = capacity
        self._window = window
        self._count = 0
        self._lock = threading.Lock()
        size = 1 << max(capacity // _IN_BUCKET - 1, 0).bit_length()
        self._mask = size - 1
        #: Entries by hash, in the order of their positions. Python's hash of bytes differs from process to process:
        #: nobody can choose ids that come together.
        self._buckets: list[bytes] = [b""] * size
        for block, found in log.blocks():
            self._remember(block, found)

    @classmethod
    def open(cls, path: str | os.PathLike[str], capacity: int, window: float) -> Seen:
        """``path`` is a folder, which is made; ``window`` is in seconds. Takes a second for a million ids.

        Raises OSError where the folder cannot be read or written, ValueError for a capacity that is none.
        """
        if not 0 < capacity <= MOST_IDS:
            raise ValueError(f"The capacity is {capacity:,} ids; it has to be 1 to {MOST_IDS:,}.")
        seen = cls(IdLog(Path(path), max(capacity // _SEGMENTS, 1)), capacity, window)
        seen._make_room(0)
        return seen

    @property
    def damaged(self) -> int:
        """Bytes on disk that could not be read when it was opened; their records may be indexed twice."""
        return self._log.damaged

    def __len__(self) -> int:
        return self._count

    def new(self, ids: Sequence[str]) -> list[bool]:
        """For each id, whether it is new: not marked, and not earlier in ``ids``. Raises OSError."""
        return self.new_keys(keys(ids)) if ids else []

    def new_keys(self, wanted: Sequence[bytes]) -> list[bool]:
        """The same of keys of 16 bytes."""
        hashes, tags = _hashed(wanted)
        buckets, mask = self._buckets, self._mask
        with self._lock:
            answers = [tag not in buckets[number & mask] for number, tag in zip(hashes, tags)]
            if not all(answers):
                for at, is_new in enumerate(answers):
                    if not is_new:
                        answers[at] = not self._has(wanted[at], hashes[at], tags[at])
        if len(set(wanted)) < len(wanted):
            earlier: set[bytes] = set()
            for at, key in enumerate(wanted):
                answers[at] = answers[at] and key not in earlier
                earlier.add(key)
        return answers

    def mark(self, ids: Sequence[str], now: float) -> None:
        """As ``mark_keys``."""
        self.mark_keys(keys(ids) if ids else [], now)

    def mark_keys(self, found: Sequence[bytes], now: float) -> None:
        """Remember keys (of 16 bytes) of ids whose events splunkd has taken. ``now`` is in seconds since the epoch.

        The oldest go: those beyond the window, and as many as make room. Raises OSError where it cannot be written
        down; then they are as new as they were.
        """
        wanted = list(dict.fromkeys(found))[-self._capacity :]
        time = min(max(int(now), 0), _LATEST)
        with self._lock:
            while (oldest := self._log.oldest()) is not None and oldest.time < now - self._window:
                self._forget(oldest)
            for at in range(0, len(wanted), BLOCK):
                part = wanted[at : at + BLOCK]
                self._make_room(len(part))
                self._remember(self._log.append(part, time), part)

    def close(self) -> None:
        """Close the files. Nothing is lost without it."""
        with self._lock:
            self._log.close()

    def _has(self, key: bytes, number: int, tag: bytes) -> bool:
        bucket = self._buckets[number & self._mask]
        at = bucket.find(tag)
        while at >= 0:
            if at % _ENTRY == 0:
                last = int.from_bytes(bucket[at + 4 : at + _ENTRY], "little")
                end = self._log.end
                if self._log.key(end - (end - last) % _POSITIONS) == key:
                    return True
            at = bucket.find(tag, at + 1)
        return False

    def _remember(self, block: Block, found: Sequence[bytes]) -> None:
        hashes, tags = _hashed(found)
        buckets, mask = self._buckets, self._mask
        for number, tag, position in zip(hashes, tags, _positions(block)):
            buckets[number & mask] += tag + position
        self._count += len(found)

    def _make_room(self, count: int) -> None:
        while self._count + count > self._capacity and (oldest := self._log.oldest()) is not None:
            self._forget(oldest)

    def _forget(self, block: Block) -> None:
        found = self._log.drop_oldest()
        hashes, tags = _hashed(found)
        buckets, mask = self._buckets, self._mask
        for number, tag, position in zip(hashes, tags, _positions(block)):
            # The oldest of all is the oldest of its bucket.
            if buckets[number & mask].startswith(tag + position):
                buckets[number & mask] = buckets[number & mask][_ENTRY:]
        self._count -= block.count


def _hashed(found: Sequence[bytes]) -> tuple[list[int], Sequence[bytes]]:
    """The hash of each key, and four bytes of it that say nothing about its bucket."""
    hashes = list(map(hash, found))
    return hashes, struct.unpack("4x4s" * len(hashes), struct.pack(f"<{len(hashes)}q", *hashes))


def _positions(block: Block) -> Sequence[bytes]:
    first, count = block.position + 1, block.count
    found: Iterable[int] = range(first, first + count)
    if first + count > _POSITIONS:
        found = (at % _POSITIONS for at in found)
    return struct.unpack("4s" * count, struct.pack(f"<{count}I", *found))
