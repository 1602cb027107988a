"""A CloudTrail file, cut into its records while it streams by, each exactly as it stands.

A record goes from its brace to the brace that closes it. Where that is, is found in one of two ways that say the same:

- **By its look**, which is how nearly all records are found: up to the next place that looks like the end of one record
  and the beginning of another. Whether it is one, its strings and braces say for certain (``bounds``).
- **Token by token**, strings and braces, wherever it is none: a list of objects within a record that begin as records
  do, other white space than before, the end of the file.

What is between braces is not parsed: a record that is no JSON inside is given as it stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..errors import ResponderError, one_line
from ..pipeline.inflate import FETCH_AGAIN, Damaged, inflated
from .bounds import IGNORED, WHOLE, end_of_object, is_object, is_plain_object, is_whole
from .record import PlainRecord, Record
from .window import Window, too_long

_SPACE = re.compile(rb"[ \t\n\r]*")
#: From behind a record into the first key of the next, up to where it is unlike other keys.
_BETWEEN = re.compile(rb'([ \t\n\r]*,[ \t\n\r]*)\{[ \t\n\r]*"(?:[a-z]+[A-Z]|[^"\\]{1,40}")')
#: As far as it is looked for. Few records are longer, and no file can have the same text searched again and again.
_FAR = 16_384
#: Bytes that are searched for the end of a value beside the records at first.
_FIRST_LOOK = 4_096
_BOM = b"\xef\xbb\xbf"
_DECODER = json.JSONDecoder(parse_int=float)
_WHO_WROTE = "Find out who wrote the object."


@dataclass(frozen=True)
class Limits:
    """What a file may have, in bytes of its text (after gzip). Beyond it the file is refused, and memory stays flat."""

    #: One record. CloudTrail's own have 256 kB at most.
    record: int = 8 * 1024 * 1024
    #: The whole file: a small gzip can inflate to anything.
    text: int = 8 * 1024 * 1024 * 1024


LIMITS = Limits()


class DamagedFile(ResponderError):
    """The file cannot be read, or no further. The records before were given.

    ``records`` says how many these were, ``position`` where in its text (bytes, after gzip) it could not be read on.
    """

    def __init__(self, message: str, hint: str = "", records: int = 0, position: int = 0) -> None:
        super().__init__(message, hint)
        self.records = records
        self.position = position


def records(chunks: Iterable[bytes], name: str = "The file", limits: Limits = LIMITS) -> Iterator[Record]:
    """The records of a file, gzip or plain, that comes in ``chunks`` of any size. ``name`` is what errors call it.

    The file is one JSON object with a list ``Records``, or such a list, or several of these one after the other.
    Memory is that of a block and a record, however long the file is. Raises DamagedFile behind the records before; what
    ``chunks`` raises goes through.
    """
    for batch in batches(chunks, name, limits):
        yield from batch


def batches(chunks: Iterable[bytes], name: str = "The file", limits: Limits = LIMITS) -> Iterator[list[Record]]:
    """The same, as many at a time as there are at once: one or more, about a block of text.

    That is as much as is best handled and written together: with four times as much the whole takes a quarter longer.
    """
    window = Window(inflated(chunks, limits.text), limits.record)
    given = 0
    try:
        for batch in _Documents(window).batches():
            given += len(batch)
            yield batch
    except Damaged as error:
        at = window.position
        message = f"{one_line(name)} {error.reason}: behind record {given:,}, at byte {at:,} of its text."
        raise DamagedFile(message, error.hint, given, at) from None


class _Documents:
    """What a text holds: JSON documents with a list of records each."""

    def __init__(self, window: Window) -> None:
        self._window = window
        #: What stands between two records, from the brace of one into the first key of the other; and from where on
        #: that belongs to the other. It only says where to look: what it leads to is verified.
        self._between, self._step = b'},{"eventV', 2
        #: Bytes that need not be searched for the end of a record: it has more, as far as was seen.
        self._least = 400
        #: Up to this position in the text nothing looks like that, or too little to look again.
        self._searched = 0

    def batches(self) -> Iterator[list[Record]]:
        """All records, as many at a time as there are at once. Raises Damaged behind the ones that can be read."""
        mark = self._mark(skipped=_BOM)
        if not mark:
            raise Damaged("is empty", "CloudTrail writes no such file: find out who wrote the object.")
        while mark:
            self._window.at += 1
            if mark == b"[":
                yield from self._list()
            elif mark == b"{":
                self._go_to_records()
                yield from self._list()
                self._leave_object()
            else:
                self._window.at -= 1
                raise self._no_json("a JSON document")
            mark = self._mark()

    def _list(self) -> Iterator[list[Record]]:
        """The records of a list, from behind its bracket to behind the one that closes it."""
        if self._mark() == b"]":
            self._window.at += 1
            return
        is_more = True
        while is_more:
            found, is_through = self._by_look()
            if found:
                yield found
            if found and is_through:
                # What is left is most likely a part of a record.
                self._window.read_ahead()
                continue
            record = self._by_tokens()
            if record is not None:
                yield [record]
                is_more = self._go_to_next()

    def _by_look(self) -> tuple[list[Record], bool]:
        """The records of the window up to the last, or to the first that does not end where it seems to; and which.

        Most of the time that a file takes is spent in this loop.
        """
        if self._window.position < self._searched:
            return [], False
        window, between, step, least = self._window, self._between, self._step, self._least
        ignored, whole = IGNORED, WHOLE
        buffer, at, most = window.buffer, window.at, window.most
        found: list[Record] = []
        end = buffer.find(between, at + least, at + _FAR)
        while end >= 0:
            raw = buffer[at : end + 1]
            shape = raw.translate(None, ignored)
            if shape in whole or is_whole(shape):
                found.append(PlainRecord(raw))
            elif is_object(raw):
                found.append(Record(raw))
            else:
                break
            if len(raw) > most:
                found.pop()
                break
            at = end + step
            end = buffer.find(between, at + least, at + _FAR)
        window.at = at
        if end < 0 and not found:
            self._searched = window.position + min(_FAR, len(buffer) - at) - _FAR // 2
        return found, end < 0 and len(buffer) - at <= _FAR

    def _by_tokens(self) -> Record | None:
        """The next record; None where it is not whole in the window, which is then larger."""
        window = self._window
        if self._mark() != b"{":
            raise self._no_json("a record")
        end = end_of_object(window.buffer, window.at)
        if end < 0:
            if not window.more():
                raise Damaged("ends within a record", FETCH_AGAIN)
            return None
        raw = window.buffer[window.at : end]
        if len(raw) > window.most:
            raise too_long(window.most)
        self._least = min(self._least, len(raw) - 1)
        window.at = end
        return PlainRecord(raw) if is_plain_object(raw) else Record(raw)

    def _go_to_next(self) -> bool:
        """To the next record of the list; False behind the list."""
        window = self._window
        found = _BETWEEN.match(window.buffer, window.at)
        if found and found.end() < len(window.buffer):
            between, step = b"}" + found.group(), 1 + len(found.group(1))
            if between != self._between:
                self._between, self._step, self._searched = between, step, 0
            window.at = found.end(1)
            return True
        mark = self._mark()
        if mark == b"]":
            window.at += 1
            return False
        if mark != b",":
            raise self._no_json("a comma or the end of the list")
        window.at += 1
        return True

    def _go_to_records(self) -> None:
        """From behind the brace of a document to behind the bracket of its records."""
        if self._mark() != b"}":
            while self._name() != "Records":
                self._value()
                if not self._is_another():
                    break
            else:
                if self._mark() != b"[":
                    raise Damaged("has Records that are no list", _WHO_WROTE)
                self._window.at += 1
                return
        raise Damaged("has no list Records", "It is no log file of CloudTrail: find out what it is.")

    def _leave_object(self) -> None:
        """From behind the list of records to behind the document."""
        while self._is_another():
            if self._name() == "Records":
                raise Damaged("has two lists Records in one document", _WHO_WROTE)
            self._value()

    def _is_another(self) -> bool:
        """To behind the comma, or to behind the brace of the document."""
        mark = self._mark()
        if mark not in (b",", b"}"):
            raise self._no_json("a comma or the end of the document")
        self._window.at += 1
        return mark == b","

    def _name(self) -> object:
        self._mark()
        name = self._value()
        if self._mark() != b":":
            raise self._no_json("a colon")
        self._window.at += 1
        self._mark()
        return name

    def _value(self) -> object:
        """Any value beside the records. There are none in CloudTrail's files, so they may be slow.

        But not as slow as to look through the whole window for each: somebody else's file can have millions.
        """
        window, size = self._window, _FIRST_LOOK
        while True:
            # In Latin-1 a place in the text is a place in the bytes, and the syntax is that of UTF-8.
            text = window.buffer[window.at : window.at + size].decode("latin-1")
            try:
                value, end = _DECODER.raw_decode(text)
            except ValueError:
                # Cut off, or broken: more of it tells.
                value, end = None, -1
            except RecursionError:
                raise self._no_json("a value that is not nested as deep") from None
            # A number goes on where the window does.
            if 0 <= end < len(text):
                window.at += end
                return value
            if window.at + size < len(window.buffer):
                size *= 4
            elif not window.more():
                raise self._no_json("a value")

    def _mark(self, skipped: bytes = b"") -> bytes:
        """The next character that is no white space, where the window then begins; nothing at the end."""
        window = self._window
        while True:
            if skipped and window.buffer.startswith(skipped, window.at):
                window.at += len(skipped)
            space = _SPACE.match(window.buffer, window.at)
            assert space is not None
            window.at = space.end()
            if window.at < len(window.buffer):
                return window.buffer[window.at : window.at + 1]
            if not window.more():
                return b""

    def _no_json(self, expected: str) -> Damaged:
        window = self._window
        found = window.buffer[window.at : window.at + 20].decode("ascii", "backslashreplace")
        if not found:
            return Damaged(f"ends before {expected}", FETCH_AGAIN)
        return Damaged(f'is no JSON as CloudTrail writes it: "{found}" stands in place of {expected}', _WHO_WROTE)
