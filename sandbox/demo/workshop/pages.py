"""The pages of the workshop: pictures, and what each step shows, put into the text that explains it.

``docs/workshop/README.md`` has a pair of comments for each step, ``<!-- step: NAME -->`` and ``<!-- end: NAME -->``.
What is between them is written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from sandbox.demo.workshop import pictures
from sandbox.demo.workshop.shown import Output, Repeat, Shown, Step, Text

#: Of a longer output the beginning is shown, and how many lines are left out.
LINES = 60


class NoPlace(Exception):
    """The page has no place for a step, or one for a step that is not there."""


def check(folder: Path, steps: Sequence[Step]) -> None:
    """Raises NoPlace where the page and the steps do not fit, before anything is played."""
    page = folder / "README.md"
    if not page.is_file():
        raise NoPlace(f"{page} does not exist.")
    places = re.findall(r"^<!-- step: (\w+) -->$", page.read_text(encoding="utf-8"), re.MULTILINE)
    names = [step.name for step in steps]
    if places != names:
        raise NoPlace(f"{page} has the steps {', '.join(places) or 'none'}; the workshop has {', '.join(names)}.")


def write(folder: Path, steps: Sequence[Step], shown: Mapping[str, Sequence[Shown]]) -> None:
    page = folder / "README.md"
    text = page.read_text(encoding="utf-8")
    for number, step in enumerate(steps, 1):
        begin, end = f"<!-- step: {step.name} -->", f"<!-- end: {step.name} -->"
        before, _, rest = text.partition(begin)
        after = rest.partition(end)[2]
        text = before + "\n\n".join([begin, *_blocks(step, shown[step.name]), end]) + after
        picture = pictures.picture(f"{number}. {step.title}", step.parts)
        (folder / f"{step.name}.svg").write_text(picture, encoding="utf-8")
    page.write_text(text, encoding="utf-8")
    (folder / "pipeline.svg").write_text(pictures.picture("The whole way", pictures.PARTS), encoding="utf-8")


def _blocks(step: Step, shown: Iterable[Shown]) -> Iterator[str]:
    yield f"![Where this step is on the way]({step.name}.svg)"
    for kind, group in groupby(shown, type):
        parts = list(group)
        if kind is Text:
            yield from (part.text for part in parts if isinstance(part, Text))
        elif kind is Repeat:
            yield "\n".join(f"    {part.command}" for part in parts if isinstance(part, Repeat))
        elif kind is Output:
            yield from (_fenced(part.lines) for part in parts if isinstance(part, Output))
        else:
            yield "\n".join(f"- ✓ {part.claim}" for part in parts if not isinstance(part, Text | Repeat | Output))


def _fenced(lines: Sequence[str]) -> str:
    left_out = len(lines) - LINES
    kept = list(lines) if left_out <= 0 else [*lines[:LINES], f"... and {left_out} more lines"]
    return "\n".join(["```text", *kept, "```"])
