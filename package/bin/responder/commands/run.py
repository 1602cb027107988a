"""Runs a command of this folder as splunkd starts it (chunked protocol, splunk-sdk)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from ..errors import ResponderError
from ..splunk.client import Splunkd
from .base import Command, Row, check_origin


def main(command: Command) -> None:
    from splunklib.searchcommands import Configuration, GeneratingCommand, Option, dispatch

    def generate(self: Any) -> Iterator[Row]:
        about = self.metadata.searchinfo
        try:
            check_origin(command, str(about.sid or ""))
            splunkd = Splunkd(about.splunkd_uri, about.session_key, pauses=())
            given = {name: str(getattr(self, name) or "") for name in command.options}
            rows = list(command.generate(splunkd, given))
        except ResponderError as error:
            self.error_exit(error, str(error))
            return
        for row in rows:
            yield {field: row.get(field, "") for field in command.fields}

    # It stays on the search head (the SDK says "stateful"): lib/ is not in the bundle that goes to the indexers.
    name = f"{command.name.capitalize()}Command"
    members = {"generate": generate, **{name: Option(name=name, require=False) for name in command.options}}
    made = Configuration()(type(name, (GeneratingCommand,), members))
    dispatch(made, sys.argv, sys.stdin, sys.stdout, "__main__")
