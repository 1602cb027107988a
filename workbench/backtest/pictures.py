"""Figures as the numbers of inline SVG: nothing but numbers and labels leaves here, and the template escapes those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 960.0, 150.0
#: Bars of a picture by day; of more days, several are one bar.
MOST_BARS = 92


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    label: str
    value: int


@dataclass(frozen=True)
class Piece:
    """A part of a bar that lies: where it begins, in percent, and how long it is."""

    x: float
    width: float
    kind: str
    value: int


def bars(values: Sequence[tuple[str, int]]) -> list[Bar]:
    most = max((value for _, value in values), default=0) or 1
    step = WIDTH / max(len(values), 1)
    return [
        Bar(
            round(number * step + step * 0.1, 2),
            round(HEIGHT - HEIGHT * value / most, 2),
            round(step * 0.8, 2),
            round(HEIGHT * value / most, 2),
            label,
            value,
        )
        for number, (label, value) in enumerate(values)
    ]


def hours(values: Sequence[int]) -> list[Bar]:
    return bars([(f"{hour:02}:00", value) for hour, value in enumerate(values)])


def days(values: Sequence[tuple[str, int]]) -> list[Bar]:
    """Days with changes; so many of them in a bar that there are not more than ``MOST_BARS``."""
    size = -(-len(values) // MOST_BARS) or 1
    groups = [values[first : first + size] for first in range(0, len(values), size)]
    return bars(
        [
            (group[0][0] if size == 1 else f"{group[0][0]} to {group[-1][0]}", sum(count for _, count in group))
            for group in groups
        ]
    )


def pieces(fates: Mapping[str, int], most: int) -> list[Piece]:
    """How the changes of a line have fared, at the scale of the longest line."""
    found, x = [], 0.0
    for kind, value in fates.items():
        width = 100.0 * value / (most or 1)
        if value:
            found.append(Piece(round(x, 2), round(width, 2), kind, value))
        x += width
    return found
