"""Reading a command's arguments: words, quoted strings, commas and ``option=value``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import SplRejected, excerpt
from .scanner import quoted_end, unquote

_WORD = re.compile(r"(?:[^\s,=\"()]|\([^()\"]*\))+")


@dataclass(frozen=True)
class Token:
    #: word, string, or the punctuation itself.
    kind: str
    value: str
    position: int

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.value.lower() in words


class Arguments:
    """The tokens of a command's arguments; options are taken out first, the rest is read left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)

    def options(self, known: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
        """Take every ``name=value`` out. Raises SplRejected for one that is not ``known``."""
        found: dict[str, Any] = {}
        rest: list[Token] = []
        position = 0
        while position < len(self.tokens):
            token = self.tokens[position]
            if token.kind == "word" and self._kind(position + 1) == "=":
                name = token.value.lower()
                if name not in known:
                    raise SplRejected(f"Invalid option '{token.value}' at {excerpt(self.text, token.position)}.")
                if self._kind(position + 2) not in ("word", "string"):
                    raise SplRejected(f"The option '{token.value}' has no value.")
                found[name] = _converted(name, known[name], self.tokens[position + 2].value)
                position += 3
            else:
                rest.append(token)
                position += 1
        self.tokens = rest
        return found

    def _kind(self, position: int) -> str:
        return self.tokens[position].kind if position < len(self.tokens) else ""

    def peek(self) -> Token | None:
        return self.tokens[0] if self.tokens else None

    def next_is(self, *words: str) -> bool:
        return bool(self.tokens) and self.tokens[0].is_word(*words)

    def take(self) -> Token:
        return self.tokens.pop(0)

    def take_word(self, *words: str) -> bool:
        """Take the next token when it is one of these words (any case)."""
        if self.next_is(*words):
            self.tokens.pop(0)
            return True
        return False

    def skip_comma(self) -> None:
        if self.tokens and self.tokens[0].kind == ",":
            self.tokens.pop(0)

    def name(self, what: str) -> str:
        """Take a word or string. Raises SplRejected saying ``what`` is missing."""
        if not self.tokens or self.tokens[0].kind not in ("word", "string"):
            raise SplRejected(f"{what} is missing at {self.where()}.")
        return self.tokens.pop(0).value

    def number(self, what: str) -> int:
        """Take a whole number. Raises SplRejected saying that ``what`` is none."""
        value = self.name(what)
        if not re.fullmatch(r"\d{1,9}", value):
            raise SplRejected(f"{what} is not '{value}': it must be a whole number.")
        return int(value)

    def where(self) -> str:
        return excerpt(self.text, self.tokens[0].position if self.tokens else len(self.text))

    def names(self, what: str = "A field name") -> list[str]:
        """All that is left, as names separated by blanks or commas."""
        found = []
        while self.tokens:
            found.append(self.name(what))
            self.skip_comma()
        return found

    def end(self) -> None:
        if self.tokens:
            raise SplRejected(f"Unexpected argument at {self.where()}.")


def _tokens(text: str) -> list[Token]:
    tokens, position = [], 0
    while position < len(text):
        character = text[position]
        if character.isspace():
            position += 1
        elif character == '"':
            end = quoted_end(text, position)
            tokens.append(Token("string", unquote(text[position:end]), position))
            position = end
        elif character in ",=()" and not _WORD.match(text, position):
            tokens.append(Token(character, character, position))
            position += 1
        else:
            match = _WORD.match(text, position)
            assert match is not None
            tokens.append(Token("word", match.group(), position))
            position = match.end()
    return tokens


def _converted(name: str, convert: Callable[[str], Any], value: str) -> Any:
    try:
        return convert(value)
    except ValueError as error:
        raise SplRejected(f"The value '{value}' of the option '{name}' is invalid. {error}".strip()) from None


def boolean(value: str) -> bool:
    lowered = value.lower()
    if lowered in ("t", "true", "1", "yes"):
        return True
    if lowered in ("f", "false", "0", "no"):
        return False
    raise ValueError("It must be a boolean.")


def count(value: str) -> int:
    if not re.fullmatch(r"\d{1,9}", value):
        raise ValueError("It must be a whole number.")
    return int(value)


def choice(*words: str) -> Callable[[str], str]:
    def convert(value: str) -> str:
        if value not in words:
            raise ValueError(f"Use one of {', '.join(words)}.")
        return value

    return convert


def word_at_top(text: str, *words: str) -> tuple[int, int]:
    """Where the first of these words (any case) begins and ends outside quotes and parentheses; else the text's end."""
    position, depth = 0, 0
    expression = re.compile(rf"(?<![^\s)\"',])(?:{'|'.join(words)})(?=\s|\Z)", re.I)
    while position < len(text):
        character = text[position]
        if character == '"':
            position = quoted_end(text, position)
            continue
        depth += {"(": 1, ")": -1}.get(character, 0)
        match = expression.match(text, position) if depth == 0 else None
        if match:
            return match.start(), match.end()
        position += 1
    return len(text), len(text)


def split_top(text: str, separator: str = ",") -> list[str]:
    """Split at separators outside quotes (double and single) and parentheses."""
    found, start, position, depth = [], 0, 0, 0
    special = re.compile(f"[\"'(){re.escape(separator)}]")
    while match := special.search(text, position):
        character, position = match[0], match.start()
        if character == '"':
            position = quoted_end(text, position)
            continue
        if character == "'":
            close = text.find("'", position + 1)
            if close < 0:
                raise SplRejected(f"The single quote at {excerpt(text, position)} is not closed.")
            position = close + 1
            continue
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == separator and depth == 0:
            found.append(text[start:position])
            start = position + 1
        position += 1
    return [*found, text[start:]]
