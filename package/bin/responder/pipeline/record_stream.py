"""CloudTrail's records out of a file's content, one after the other: made for looking, not for speed.

Whatever the size of the file, no more than one record is held.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from typing import Any

from .inflate import Damaged

#: Characters of one record. CloudTrail's are at most 256 kB.
LONGEST = 4_000_000
_BLANK = " \t\r\n"


def records(content: Iterable[bytes]) -> Iterator[Any]:
    """The entries of ``Records``, or of the list that the content is. Raises Damaged.

    Entries are JSON values; what is no object is nobody's record, and is for the caller to leave out.
    """
    text = _Text(content)
    start = text.next_character()
    if start == "{":
        text.advance()
        if not _find_records(text):
            return
    elif start != "[":
        raise Damaged("is no JSON object or list")
    text.advance()
    while text.next_character() != "]":
        yield text.value()
        if text.next_character() == ",":
            text.advance()
            if text.next_character() == "]":
                raise Damaged("is no JSON")
        elif text.next_character() != "]":
            raise Damaged("has no comma between two records")


def _find_records(text: _Text) -> bool:
    """Go to the bracket after ``"Records":``; False where the object has no such list."""
    while text.next_character() != "}":
        name = text.value()
        if text.next_character() != ":":
            raise Damaged("is no JSON")
        text.advance()
        if name == "Records" and text.next_character() == "[":
            return True
        text.value()
        if text.next_character() == ",":
            text.advance()
        elif text.next_character() != "}":
            raise Damaged("is no JSON")
    return False


class _Text:
    """A text that is read as it is needed."""

    def __init__(self, content: Iterable[bytes]) -> None:
        self._blocks = iter(content)
        # What is no UTF-8 is shown as such; it is no reason to show nothing.
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._json = json.JSONDecoder()
        self._text = ""
        self._at = 0
        self._is_at_end = False

    def next_character(self) -> str:
        """The next that is not blank. Raises Damaged at the end."""
        while True:
            while self._at < len(self._text):
                character = self._text[self._at]
                if character not in _BLANK:
                    return character
                self._at += 1
            if not self._read(1):
                raise Damaged("is cut off")

    def advance(self) -> None:
        self._at += 1

    def value(self) -> Any:
        """The JSON value that begins at the next character. Raises Damaged."""
        self.next_character()
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                end = len(self._text)
                value = None
                if self._is_at_end:
                    raise Damaged("is cut off, or is no JSON") from None
            except RecursionError:
                raise Damaged("holds a record that is nested too deep") from None
            # A number may go on in the next block.
            if end < len(self._text) or self._is_at_end:
                self._at = end
                return value
            held = len(self._text) - self._at
            if held > LONGEST:
                raise Damaged(f"holds a record of more than {LONGEST:,} characters, or is no JSON")
            # Twice as much each time: the value is read anew.
            self._read(max(held, 1))

    def _read(self, least: int) -> bool:
        """Read on; False where nothing was left."""
        pieces, length = [self._text[self._at :]], 0
        while length < least and not self._is_at_end:
            block = next(self._blocks, None)
            self._is_at_end = block is None
            piece = self._decoder.decode(block or b"", final=block is None)
            length += len(piece)
            pieces.append(piece)
        self._text, self._at = "".join(pieces), 0
        return length > 0
