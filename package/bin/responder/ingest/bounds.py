"""Whether a text is one whole JSON object, by its strings and braces, and where an object in a text ends.

Most is decided by the shape of a text, which is its quotes, braces, backslashes and control characters in their order.
Where pairs of quotes and balanced braces are all of it, quotes begin and end strings in turn, and no string has a brace
in it. Whoever chooses what stands in strings and nested objects cannot have another text look like that. Other texts
are looked at string by string. Nothing recurses, so no depth is too deep.
"""

from __future__ import annotations

import re

#: Control characters, which JSON has in no form of its own but these three.
CONTROLS = bytes(one for one in range(32) if one not in b"\t\n\r")
#: What ``bytes.translate`` takes away to leave the shape.
IGNORED = bytes(sorted(set(range(256)) - set(b'"{}\\') - set(CONTROLS)))
_NO_BRACES = bytes(sorted(set(range(256)) - set(b"{}")))
#: Shapes of one whole object that were found so. CloudTrail's records of one API mostly have the same.
WHOLE: set[bytes] = set()
_MOST_SHAPES, _LONGEST_SHAPE = 8192, 1024
#: A string (which may not end within the text), or a brace.
_TOKEN = re.compile(rb'"[^"]*"?|[{}]')
#: Bytes that are searched for the end of an object at first.
_AT_FIRST = 8192


def is_object(text: bytes) -> bool:
    """Whether the text is one whole object."""
    parts = _without_escapes(text).split(b'"')
    return len(parts) % 2 == 1 and _comes_back_once(b"".join(parts[::2]).translate(None, _NO_BRACES))


def is_plain_object(text: bytes) -> bool:
    """Whether it is one whole object without a backslash or control character, and without a brace in any string."""
    shape = text.translate(None, IGNORED)
    return shape in WHOLE or is_whole(shape)


def is_whole(shape: bytes) -> bool:
    """Whether the shape is that of such an object."""
    if not _comes_back_once(shape.replace(b'""', b"")):
        return False
    if len(shape) <= _LONGEST_SHAPE:
        if len(WHOLE) >= _MOST_SHAPES:
            WHOLE.clear()
        WHOLE.add(shape)
    return True


def _comes_back_once(braces: bytes) -> bool:
    """Whether these are braces alone, the last of which closes the first."""
    depth = 0
    for place, mark in enumerate(braces, 1):
        if mark == 0x7B:
            depth += 1
        elif mark == 0x7D:
            depth -= 1
        else:
            return False
        if depth <= 0:
            return depth == 0 and place == len(braces)
    return False


def end_of_object(text: bytes, at: int) -> int:
    """The place behind the object that begins ``at`` this place; -1 where the text ends within it."""
    size = _AT_FIRST
    while True:
        found = _end_in(text[at : at + size])
        if found >= 0:
            return at + found
        if at + size >= len(text):
            return -1
        size *= 4


def _end_in(part: bytes) -> int:
    part = _without_escapes(part)
    depth = 0
    for token in _TOKEN.finditer(part):
        first = part[token.start()]
        if first == 0x7B:
            depth += 1
        elif first == 0x7D:
            depth -= 1
            if depth == 0:
                return token.end()
    return -1


def _without_escapes(text: bytes) -> bytes:
    """The text with blanks for what a backslash escapes, as long as before: each quote begins or ends a string."""
    if b"\\" not in text:
        return text
    return text.replace(b"\\\\", b"  ").replace(b'\\"', b"  ")
