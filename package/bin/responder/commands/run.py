"""Runs a command of this folder as splunkd starts it (chunked protocol, splunk-sdk)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from ..errors import Rejected, ResponderError
from ..splunk.client import Splunkd
from .base import Actions, Command, Row, Search, check_origin


def main(command: Command, actions: Actions | None = None) -> None:
    """``actions``: of a command that hands rows over, whose options are their parameters."""
    from splunklib.searchcommands import Configuration, EventingCommand, GeneratingCommand, Option, dispatch

    parameters = {name for names in (actions or {}).values() for name in names}
    options = (*command.options, *sorted(parameters - set(command.options)))
    if command.hand_over:
        base, members = EventingCommand, {"transform": _transform(command, options, actions or {})}
    else:
        base, members = GeneratingCommand, {"generate": _generate(command, options)}
    # It stays on the search head (the SDK says "stateful" or "events"): lib/ is not in the bundle that goes to the
    # indexers.
    name = f"{command.name.capitalize()}Command"
    declared = {one: Option(name=one, require=False) for one in options}
    made = Configuration()(type(name, (base,), {**members, **declared}))
    dispatch(made, sys.argv, sys.stdin, sys.stdout, "__main__")


def _generate(command: Command, options: Iterable[str]) -> Any:
    def generate(self: Any) -> Iterator[Row]:
        assert command.generate is not None
        try:
            rows = list(command.generate(*_begun(self, command, options)))
        except ResponderError as error:
            self.error_exit(error, str(error))
            return
        for row in rows:
            yield {field: row.get(field, "") for field in command.fields}

    return generate


def _transform(command: Command, options: Iterable[str], actions: Actions) -> Any:
    held: list[Row] = []

    def transform(self: Any, records: Iterable[Row]) -> Iterator[Row]:
        """Given the rows part by part. Nothing is handed over before all are there, and nothing for a preview."""
        assert command.hand_over is not None
        if getattr(self.metadata, "preview", False):
            return
        about = self.metadata.searchinfo
        try:
            splunkd, given = _begun(self, command, options)
            if self.fieldnames:
                raise Rejected(f"'{self.fieldnames[0][:40]}' is no option.", "Write name=value.")
            held.extend(islice(records, command.most_rows + 1 - len(held)))
            if len(held) > command.most_rows:
                raise Rejected(
                    f"The search has more than {command.most_rows:,} rows.", "Nothing was handed over: narrow it down."
                )
            search = Search(str(about.app or ""), str(about.sid or ""))
            is_last = getattr(self.metadata, "finished", True)
            rows = list(command.hand_over(splunkd, search, given, held, actions)) if is_last else []
        except ResponderError as error:
            self.error_exit(error, str(error))
            return
        for row in rows:
            yield {**{field: row.get(field, "") for field in command.fields}, **row}

    return transform


def _begun(self: Any, command: Command, options: Iterable[str]) -> tuple[Splunkd, dict[str, str]]:
    """splunkd with the rights of whoever searches, and each option's value. Raises Rejected."""
    about = self.metadata.searchinfo
    check_origin(command, str(about.sid or ""))
    given = {name: str(getattr(self, name) or "") for name in options}
    return Splunkd(about.splunkd_uri, about.session_key, pauses=()), given
