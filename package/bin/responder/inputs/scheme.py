"""How a kind of modular input introduces itself to splunkd: one process for each of its stanzas, and its own checks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def scheme(title: str, description: str, arguments: Iterable[str] = ()) -> Any:
    """As splunklib's scripts give it. ``arguments``: fields of a stanza, none of which splunkd itself asks for."""
    from splunklib import modularinput

    made = modularinput.Scheme(title)
    made.description = description
    made.use_external_validation = True
    made.streaming_mode_xml = True
    made.use_single_instance = False
    for name in arguments:
        made.add_argument(modularinput.Argument(name, required_on_create=False, required_on_edit=False))
    return made
