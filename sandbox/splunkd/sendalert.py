"""``sendalert <action> [param.<name>=<value> ...]``: an alert action run from a search, over the rows so far.

Source: Search Reference, "sendalert". The action runs with the rights of whoever searches; the rows pass through. That
a failing script fails the search with this text is common knowledge, and documented nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Callable

from spl import SplRejected
from spl.external import Call, Rows
from spl.values import Cell

#: (action, parameters, columns, rows) -> the script's exit code. Raises LookupError for an unknown action.
Send = Callable[[str, Mapping[str, str], Sequence[str], Sequence[Mapping[str, Cell]]], int]
_ARGUMENT = re.compile(r'\s*(?:([\w.]+)\s*=\s*)?("(?:[^"\\]|\\.)*"|[^\s"]+)')
_OWN = ("results_link", "results_path")


class Asked:
    """The arguments. Raises SplRejected."""

    def __init__(self, arguments: str) -> None:
        self.action = ""
        self.parameters: dict[str, str] = {}
        text, position = arguments.strip(), 0
        while position < len(text):
            match = _ARGUMENT.match(text, position)
            if match is None:
                raise SplRejected(f"Invalid argument at '{text[position : position + 20]}'.")
            position = match.end()
            self._take(match[1], _unquoted(match[2]))
        if not self.action:
            raise SplRejected("The name of an alert action is missing.")

    def _take(self, name: str | None, value: str) -> None:
        if name is None and not self.action:
            self.action = value
        elif name is not None and name.startswith("param."):
            self.parameters[name[len("param.") :]] = value
        elif name not in _OWN:
            raise SplRejected(f"Invalid argument '{name or value}'.")


def _unquoted(word: str) -> str:
    return re.sub(r'\\(["\\])', r"\1", word[1:-1]) if word.startswith('"') else word


class SendAlertCommand:
    """The command in one search."""

    def __init__(self, send: Send) -> None:
        self.send = send

    def check(self, arguments: str, first: bool) -> None:
        if first:
            raise SplRejected("This command cannot be the first command of a search.")
        Asked(arguments)

    def run(self, call: Call, rows: Rows) -> tuple[list[str], Rows]:
        asked, held = Asked(call.arguments), list(rows)
        columns = list(dict.fromkeys(name for row in held for name in row))
        try:
            code = self.send(asked.action, asked.parameters, columns, held)
        except LookupError as error:
            raise SplRejected(f"Error in 'sendalert' command: {error}") from error
        if code:
            raise SplRejected(f"Error in 'sendalert' command: Alert script returned error code {code}.")
        return columns, held
