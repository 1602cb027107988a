"""What the demo shows after the attack, an act a file: how people decide, and what holds when something goes wrong.

A module declares ``TITLE``, ``play(stage)``, which yields what was proved as it is, and ``ORDER``, by which they are
played. Nothing else needs to know of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sandbox.demo.in_order import modules_in_order
from sandbox.demo.proof import Proof
from sandbox.demo.stage import Stage


@dataclass(frozen=True)
class Act:
    title: str
    play: Callable[[Stage], Iterator[Proof]]


def every() -> list[Act]:
    """In the order in which they are played."""
    return [Act(module.TITLE, module.play) for module in modules_in_order(__name__, __path__)]
