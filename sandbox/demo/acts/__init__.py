"""What the demo shows after the attack, an act a file: how people decide, and what holds when something goes wrong.

A module declares ``TITLE``, ``play(stage)``, which yields what was proved as it is, and ``ORDER``, by which they are
played. Nothing else needs to know of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sandbox.demo.proof import Proof
from sandbox.demo.stage import Stage


@dataclass(frozen=True)
class Act:
    title: str
    order: int
    play: Callable[[Stage], Iterator[Proof]]


def every() -> list[Act]:
    """In the order in which they are played."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return sorted((Act(module.TITLE, module.ORDER, module.play) for module in modules), key=lambda act: act.order)
