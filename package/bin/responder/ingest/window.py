"""A long text, of which a part is in memory: what was read and is not done with yet."""

from __future__ import annotations

from collections.abc import Iterator

from .inflating import Unreadable


class Window:
    """``buffer`` is the part of the text that is there, ``at`` the place in it up to which it is done with."""

    def __init__(self, blocks: Iterator[bytes], most: int) -> None:
        self.buffer = b""
        self.at = 0
        #: How long a single value may be, in bytes.
        self.most = most
        self._blocks = blocks
        self._dropped = 0

    @property
    def position(self) -> int:
        """``at`` in the whole text."""
        return self._dropped + self.at

    def more(self) -> bool:
        """Read on, and drop what is done with: ``at`` is then 0. False at the end of the text.

        What is still there is a value that is not whole. It is read twice as far each time, so that to look for its end
        anew takes time in proportion to its length. Raises Unreadable where it is too long.
        """
        rest = self.buffer[self.at :]
        if len(rest) > self.most:
            raise too_long(self.most)
        parts, size = [rest], 0
        for block in self._blocks:
            parts.append(block)
            size += len(block)
            if size >= min(len(rest), self.most):
                break
        self._dropped += self.at
        self.at = 0
        self.buffer = b"".join(parts)
        return size > 0


def too_long(most: int) -> Unreadable:
    """What is raised where a record or another value has more than ``most`` bytes."""
    return Unreadable(
        f"has a record of more than {most:,} bytes",
        "CloudTrail's own are smaller: find out who wrote the object.",
    )
