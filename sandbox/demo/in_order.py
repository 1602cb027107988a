"""The modules of a package in the order in which they are played."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from types import ModuleType


def modules_in_order(package: str, path: Iterable[str]) -> list[ModuleType]:
    """By the number that each declares as ``ORDER``."""
    found = (importlib.import_module(f"{package}.{one.name}") for one in pkgutil.iter_modules(path))
    return sorted(found, key=lambda module: int(module.ORDER))
