"""Text at a terminal: colors where a person looks, and no control characters of what others wrote."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Mapping
from typing import Any, TextIO

WIDTH = 100
_CODES = {"title": "1;36", "label": "1;33", "good": "32", "bad": "1;31", "name": "36", "quiet": "2"}


def neutral(text: object) -> str:
    """A text on one line in which nothing moves the cursor, colors, or turns the direction of writing.

    What does not print is shown by its code, as in ``\\x1b``.
    """
    return "".join(character if character.isprintable() else _code(character) for character in str(text))


def _code(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


class Page:
    """Written to ``out``. Colors on a terminal only, and not where NO_COLOR is set (https://no-color.org)."""

    def __init__(self, out: TextIO | None = None, environment: Mapping[str, str] = os.environ) -> None:
        self._out = out or sys.stdout
        is_plain = environment.get("NO_COLOR") or environment.get("TERM") == "dumb"
        self._has_colors = self._out.isatty() and not is_plain

    def title(self, text: str) -> None:
        self._write(f"\n{self.styled(text, 'title')}\n")

    def label(self, text: str) -> None:
        self._write(f"\n{self.styled(text, 'label')}\n")

    def line(self, text: str = "", style: str = "", indent: int = 0) -> None:
        """One line, as long as it is: names are not broken, so that they can be copied."""
        self._write(" " * indent + self.styled(text, style) + "\n")

    def paragraph(self, text: str, style: str = "", indent: int = 0) -> None:
        pad = " " * indent
        lines = textwrap.wrap(neutral(text), WIDTH - indent, break_long_words=False, break_on_hyphens=False)
        for line in lines:
            self._write(pad + self.styled(line, style) + "\n")

    def value(self, value: Any, indent: int = 2) -> None:
        """A JSON value, a text as it is."""
        text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, default=str)
        for line in text.split("\n"):
            self._write(" " * indent + self.styled(line, "name") + "\n")

    def facts(self, facts: Mapping[str, Any], indent: int = 2) -> None:
        """A line for each that is known."""
        known = {name: value for name, value in facts.items() if value not in (None, "", [])}
        width = max(map(len, known), default=0)
        for name, value in known.items():
            shown = value if isinstance(value, list) else [value]
            for number, one in enumerate(shown):
                head = name.replace("_", " ") if number == 0 else ""
                self._write(f"{' ' * indent}{head:<{width}}  {self.styled(str(one), 'name')}\n")

    def styled(self, text: str, style: str) -> str:
        """The text, neutral, and in the style where there are colors."""
        safe = neutral(text)
        return f"\x1b[{_CODES[style]}m{safe}\x1b[0m" if style and self._has_colors else safe

    def _write(self, text: str) -> None:
        encoding = self._out.encoding or "utf-8"
        self._out.write(text.encode(encoding, "backslashreplace").decode(encoding))
