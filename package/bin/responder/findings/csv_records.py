"""Records of a CSV text, read so that a damaged record costs that record and no other.

The standard library's reader gives a file up at its first fault. This one says what is wrong and goes on: where the
quotes of a record pair up, behind its end; else with the line after the one in which it began. Where stray quotes
leave open what was meant, that is a guess, and the lines it misreads come out as damaged records of their own.
The dialect is RFC 4180 with either line ending.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Union

#: Characters in a cell. CloudTrail logs at most 100 kB of a request, and a cell may hold several values.
MAX_CELL = 4 * 1024 * 1024
#: Characters in a record, and in what is kept of the lines behind a quote that may never be closed.
MAX_RECORD = 4 * MAX_CELL
#: A search has some hundred fields at most, each with its multivalue column.
MAX_CELLS = 10_000
#: Characters of a line that are looked at together.
_PIECE = 64 * 1024


class Damage:
    """A record that cannot be read."""

    def __init__(self, reason: str) -> None:
        #: Why, as one clause for people.
        self.reason = reason


Record = Union[list[str], Damage]

# Where the reader is: before a cell, in one without quotes, in one with quotes, behind a quote that closes the cell or
# is half of a doubled one, behind a carriage return after it; behind the record, or at what must not be there.
_BEFORE, _PLAIN, _QUOTED, _QUOTE, _RETURN, _END, _BROKEN = range(7)


def records(text: Iterable[str]) -> Iterator[Record]:
    """Yield the cells of each record, or its damage. Blank lines are no records.

    ``text`` may come in pieces of any length; memory stays flat, whatever they hold.
    """
    lines = _Lines(text)
    for line in lines:
        if '"' not in line and line.endswith("\n") and len(line) <= 2 * _PIECE:
            record: Record = line[: -2 if line.endswith("\r\n") else -1].split(",")
        else:
            record = _Scan(lines).read(line)
        if record != [""]:
            yield record


class _Lines:
    """The text line by line, each with its line feed; a long line in pieces, of which only the last has one."""

    def __init__(self, text: Iterable[str]) -> None:
        self._lines = _lines(text)
        self._again: deque[str] = deque()

    def __iter__(self) -> Iterator[str]:
        return iter(self.next, None)

    def next(self) -> str | None:
        return self._again.popleft() if self._again else next(self._lines, None)

    def read_again(self, lines: Sequence[str]) -> None:
        self._again.extendleft(reversed(lines))


def _lines(text: Iterable[str]) -> Iterator[str]:
    rest = ""
    for piece in text:
        *lines, rest = (rest + piece).split("\n")
        for line in lines:
            yield line + "\n"
        if len(rest) > _PIECE:
            yield rest
            rest = ""
    if rest:
        yield rest


class _Scan:
    """Reads one record that has quotes or is long."""

    def __init__(self, lines: _Lines) -> None:
        self._lines = lines
        self._cells: list[str] = []
        self._cell: list[str] = []
        #: Characters of the cell and of the record; what is longer than the limits is counted and not kept.
        self._cell_size = self._size = 0
        self._too_long = ""
        #: The lines behind the first, until they are too much to be kept.
        self._behind: list[str] | None = []
        self._behind_size = 0

    def read(self, line: str) -> Record:
        state, piece = _BEFORE, line
        while True:
            state = self._piece(piece, state)
            if state in (_END, _BROKEN):
                break
            following = self._following(piece)
            if following is None:
                break
            piece = following
        if state == _BROKEN:
            return self._damaged(piece, "it has a quote in the middle of a cell that is not doubled, or not in quotes")
        if state == _QUOTED:
            return self._damaged(piece, "it has a quote that is never closed")
        if state != _END:
            self._close()
        return Damage(self._too_long) if self._too_long else self._cells

    def _piece(self, line: str, state: int) -> int:
        """Take in a line or a piece of one."""
        place, end = 0, len(line) - line.endswith("\n")
        while place < end:
            if state == _BEFORE and line[place] == '"':
                state = _QUOTED
                place += 1
            elif state in (_BEFORE, _PLAIN):
                comma = line.find(",", place, end)
                text = line[place : comma if comma >= 0 else end]
                if '"' in text:
                    return _BROKEN
                self._add(text)
                state, place = (_BEFORE, comma + 1) if comma >= 0 else (_PLAIN, end)
                if comma >= 0:
                    self._close()
            elif state == _QUOTED:
                quote = line.find('"', place, end)
                self._add(line[place : quote if quote >= 0 else end])
                state, place = (_QUOTE, quote + 1) if quote >= 0 else (_QUOTED, end)
            else:
                state = self._behind_quote(line[place], state)
                if state == _BROKEN:
                    return state
                place += 1
        if not line.endswith("\n"):
            return state
        if state == _QUOTED:
            self._add("\n")
            return state
        self._close(strip=state == _PLAIN)
        return _END

    def _behind_quote(self, char: str, state: int) -> int:
        if state == _QUOTE and char == '"':
            self._add('"')
            return _QUOTED
        if state == _QUOTE and char == ",":
            self._close()
            return _BEFORE
        return _RETURN if state == _QUOTE and char == "\r" else _BROKEN

    def _add(self, text: str) -> None:
        self._cell_size += len(text)
        self._size += len(text)
        if self._cell_size > MAX_CELL and not self._too_long:
            self._too_long = f"its cell {len(self._cells) + 1} is longer than {MAX_CELL:,} characters"
        elif self._size > MAX_RECORD and not self._too_long:
            self._too_long = f"it is longer than {MAX_RECORD:,} characters"
        elif len(self._cells) > MAX_CELLS and not self._too_long:
            self._too_long = f"it has more than {MAX_CELLS:,} cells"
        if self._too_long:
            self._cell.clear()
            self._cells.clear()
        else:
            self._cell.append(text)

    def _close(self, strip: bool = False) -> None:
        """End the cell; ``strip`` it of the carriage return of the line's end."""
        cell = "".join(self._cell)
        self._cells.append(cell[:-1] if strip and cell.endswith("\r") else cell)
        self._cell.clear()
        self._cell_size = 0

    def _following(self, piece: str) -> str | None:
        following = self._lines.next()
        if following is not None and self._behind is not None and (self._behind or piece.endswith("\n")):
            self._behind.append(following)
            self._behind_size += len(following)
            if self._behind_size > MAX_RECORD:
                self._behind = None
        return following

    def _damaged(self, piece: str, reason: str) -> Damage:
        """Go on with the second line of the record, or behind the present one where that is not to be had again."""
        if self._behind:
            self._lines.read_again(self._behind)
        else:
            following: str | None = piece
            while following is not None and not following.endswith("\n"):
                following = self._lines.next()
        return Damage(reason)
