"""Cutting SPL text without understanding it: comments, quotes, brackets, the pipeline's commands."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import SplRejected, excerpt

_COMMENT = re.compile(r"```")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.S)
#: What a text is cut at, and what hides such places.
_CUTS = re.compile(r'["\[\]|]')
_COMMAND = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True)
class Segment:
    """One command of a pipeline: its name, the text after it, its number (from 1)."""

    name: str
    arguments: str
    number: int


def quoted_end(text: str, start: int) -> int:
    """Index after the double-quoted string that starts at ``start``. Raises SplRejected when it does not end."""
    match = _QUOTED.match(text, start)
    if not match:
        raise SplRejected(f"Unbalanced quotes: the quotation mark at {excerpt(text, start)} is not closed.")
    return match.end()


def unquote(text: str) -> str:
    r"""The content of a quoted string: ``\"``, ``\\`` and ``\|`` are unescaped, other sequences stay (``\d``)."""
    return re.sub(r'\\(["\\|])', r"\1", text[1:-1])


def without_comments(text: str) -> str:
    """Each ```comment``` outside quotation marks becomes one blank."""
    if "```" not in text:
        return text
    out, position = [], 0
    while position < len(text):
        if text[position] == '"':
            match = _QUOTED.match(text, position)
            end = match.end() if match else len(text)
            out.append(text[position:end])
        elif text.startswith("```", position):
            close = _COMMENT.search(text, position + 3)
            if not close:
                raise SplRejected(f"The comment at {excerpt(text, position)} is not closed.")
            out.append(" ")
            end = close.end()
        else:
            out.append(text[position])
            end = position + 1
        position = end
    return "".join(out)


def bracket_end(text: str, start: int) -> int:
    """Index after the ``]`` that closes the ``[`` at ``start``, nested ones and quotes considered."""
    depth, position = 0, start
    while position < len(text):
        character = text[position]
        if character == '"':
            position = quoted_end(text, position)
            continue
        depth += {"[": 1, "]": -1}.get(character, 0)
        position += 1
        if depth == 0:
            return position
    raise SplRejected(f"Mismatched brackets: the '[' at {excerpt(text, start)} is not closed.")


def pieces(text: str) -> list[str]:
    """The text between the pipes that are neither quoted nor in a subsearch."""
    found, start, position = [], 0, 0
    while match := _CUTS.search(text, position):
        position = match.start()
        if match[0] == '"':
            position = quoted_end(text, position)
        elif match[0] == "[":
            position = bracket_end(text, position)
        elif match[0] == "]":
            raise SplRejected(f"Mismatched brackets: unexpected ']' at {excerpt(text, position)}.")
        else:
            found.append(text[start:position])
            start = position = position + 1
    return [*found, text[start:]]


def pipeline(text: str) -> list[Segment]:
    """The commands of a search. Without a leading pipe the first one is an implied ``search``."""
    first, *rest = pieces(text)
    segments = []
    if first.strip():
        match = re.match(r"\s*search(?=[\s(\"\[]|$)", first)
        segments.append(Segment("search", first[match.end() :] if match else first, 1))
    elif not rest:
        raise SplRejected("The search is empty.")
    for piece in rest:
        match = _COMMAND.match(piece)
        if not match:
            what = f"'{piece.strip()[:20]}' is no command" if piece.strip() else "there is no command after a pipe"
            raise SplRejected(f"Command {len(segments) + 1}: {what}.")
        segments.append(Segment(match[1], piece[match.end() :], len(segments) + 1))
    return segments
