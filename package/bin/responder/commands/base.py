"""What a search command is. The build makes its script and stanzas from what each file in this folder declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Callable

from ..splunk.client import Splunkd

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Command:
    """A generating command: the first of a search, with rows of its own."""

    #: Lower-case letters and digits, as Splunk wants names of commands.
    name: str
    #: For the search assistant: one sentence, and how it is written.
    description: str
    syntax: str
    #: The columns, in order.
    fields: tuple[str, ...]
    #: Name of its option, written ``name=value`` behind the command.
    option: str
    #: Given splunkd with the rights of whoever searches, and the option's value or "". Raises ResponderError.
    generate: Callable[[Splunkd, str], Iterable[Row]]
