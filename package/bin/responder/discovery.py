"""Finds what is one file each (handlers, endpoints, playbooks): it is registered where it is defined."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """The modules of a package and of the packages in it, those whose name begins with ``_`` left out, by name."""
    for found in pkgutil.iter_modules(package.__path__):
        if found.name.startswith("_"):
            continue
        module = importlib.import_module(f"{package.__name__}.{found.name}")
        if found.ispkg:
            yield from modules(module)
        else:
            yield module


def declared(package: ModuleType, name: str) -> Iterator[Any]:
    """What modules of a package declare under a name, as in ``ENDPOINT = ...``; modules without it are helpers."""
    for module in modules(package):
        if name in vars(module):
            yield vars(module)[name]
