"""A figure, and how several of them are written down."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One thing measured, beside what it is compared with. Both come from the same run on the same machine."""

    #: What was measured, as people say it.
    what: str
    ours: str
    beside: str
    #: Ours divided by the other; None where the figure is a count that speaks for itself.
    ratio: float | None = None
    #: What it is meant to be.
    aim: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        return (self.what, self.ours, self.beside, f"{self.ratio:.2f}" if self.ratio is not None else "", self.aim)


HEADER = ("figure", "the app", "beside", "ratio", "aim")


def table(figures: Iterable[Figure]) -> str:
    """As Markdown."""
    rows = [HEADER, *(figure.cells for figure in figures)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(HEADER), *lines[1:]])


def median(values: Sequence[float]) -> float:
    return statistics.median(values)
