"""Notes about undocumented behavior that a search leaned on while it ran; shown with its results.

A context variable rather than a parameter: the places that notice (a comparison inside a compiled
expression) are far from the place that reports, and are hot.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")

_notes: ContextVar[dict[str, None] | None] = ContextVar("spl_notes", default=None)


def collect() -> dict[str, None]:
    """Start collecting for this search; the returned mapping's keys are the notes, in order."""
    notes: dict[str, None] = {}
    _notes.set(notes)
    return notes


def overheard(do: Callable[[], T]) -> tuple[T, tuple[str, ...]]:
    """What ``do`` gives and what it notes, to be noted by whoever uses it."""
    notes: dict[str, None] = {}
    token = _notes.set(notes)
    try:
        return do(), tuple(notes)
    finally:
        _notes.reset(token)


def note(text: str) -> None:
    notes = _notes.get()
    if notes is not None:
        notes[text] = None
