"""A long text, of which a part is in memory: what was read and is not done with yet."""

from __future__ import annotations

from collections.abc import Iterator

from ..pipeline.inflate import Damaged


class Window:
    """``buffer`` is the part of the text that is there, ``at`` the place in it up to which it is done with."""

    def __init__(self, blocks: Iterator[bytes], most: int) -> None:
        self.buffer = b""
        self.at = 0
        #: How long a single value may be, in bytes.
        self.most = most
        self._blocks = blocks
        self._dropped = 0
        #: Why the text cannot be read on. What was read before counts.
        self._failure: Damaged | None = None

    @property
    def position(self) -> int:
        """``at`` in the whole text."""
        return self._dropped + self.at

    def more(self) -> bool:
        """Read on, because what is still there is a value that is not whole. False at the end of the text.

        Raises Damaged where that value is too long, or where the text cannot be read on.
        """
        if len(self.buffer) - self.at > self.most:
            raise too_long(self.most)
        if self._read():
            return True
        if self._failure is not None:
            raise self._failure
        return False

    def read_ahead(self) -> None:
        """Read on, because what is still there is most likely no whole value. What is wrong, ``more`` raises."""
        if len(self.buffer) - self.at <= self.most:
            self._read()

    def _read(self) -> int:
        """Bytes that were read. What is done with is dropped: ``at`` is then 0.

        It is read twice as far each time, so that to look for the end of a value anew takes time in proportion to its
        length.
        """
        rest = self.buffer[self.at :]
        parts, size = [rest], 0
        try:
            while size <= len(rest) and self._failure is None:
                block = next(self._blocks, b"")
                if not block:
                    break
                parts.append(block)
                size += len(block)
        except Damaged as error:
            self._failure = error
        self._dropped += self.at
        self.at = 0
        self.buffer = b"".join(parts)
        return size


def too_long(most: int) -> Damaged:
    """What is raised where a record or another value has more than ``most`` bytes."""
    return Damaged(
        f"has a record of more than {most:,} bytes",
        "CloudTrail's own are smaller: find out who wrote the object.",
    )
