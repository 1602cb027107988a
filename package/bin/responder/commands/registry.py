"""Finds the search commands: each is registered where it is defined."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from ..discovery import modules
from .base import Command


def commands() -> Mapping[str, Command]:
    """Every command, by the name of its module."""
    found = modules(importlib.import_module(__package__ or ""))
    return {one.__name__.rpartition(".")[2]: one.COMMAND for one in found if hasattr(one, "COMMAND")}
