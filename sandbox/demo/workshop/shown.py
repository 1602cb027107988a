"""What a step shows, besides what it proves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.demo.proof import Proof


@dataclass(frozen=True)
class Text:
    """What happened, for a person who sees it for the first time."""

    text: str


@dataclass(frozen=True)
class Repeat:
    """A command or a search that does the same again."""

    command: str


@dataclass(frozen=True)
class Output:
    """What a program, a search or a service said."""

    lines: Sequence[str]


Shown = Text | Repeat | Output | Proof


@dataclass(frozen=True)
class Step:
    #: Name of its module; with it, of its picture and of its part of the docs.
    name: str
    title: str
    #: Parts of the pipeline that the step is about, as ``pictures.PARTS`` names them.
    parts: Sequence[str]
    play: Callable[..., Iterator[Shown]]


def table(rows: Sequence[Mapping[str, Any]], *columns: str) -> Output:
    """Results as lines, one field below the other; without ``columns`` all fields that have a name of their own."""
    lines = []
    for number, row in enumerate(rows, 1):
        wanted = columns or [name for name in row if not name.startswith("_")]
        width = max(map(len, wanted))
        lines += [f"result {number}", *(f"  {name:{width}}  {row.get(name, '')}" for name in wanted)]
    return Output(lines or ["no results"])
