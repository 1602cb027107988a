"""The steps of the workshop, one a file.

A module declares ``TITLE``; ``PARTS``, which are marked in its picture; ``play(site)``, which yields what is shown and
proved, as it is; and ``ORDER``. Nothing else needs to know of it, but the text in ``docs/workshop``.
"""

from __future__ import annotations

from sandbox.demo.in_order import modules_in_order
from sandbox.demo.workshop.shown import Step


def every() -> list[Step]:
    """In the order in which they are played."""
    return [
        Step(module.__name__.rpartition(".")[2], module.TITLE, module.PARTS, module.play)
        for module in modules_in_order(__name__, __path__)
    ]
