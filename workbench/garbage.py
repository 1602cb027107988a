"""How often a process that runs searches looks for garbage."""

from __future__ import annotations

import gc


def seldom() -> None:
    """For a process of a command, not for one that tests share.

    A run keeps some dozens of objects of each record until it ends, and hardly anything refers to itself: to look
    through all of them whenever there are a quarter more took a third of the time. Young ones are still looked at.
    """
    gc.set_threshold(50_000, 50, 50)
