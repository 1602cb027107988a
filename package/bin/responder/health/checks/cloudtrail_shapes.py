"""In which shapes does CloudTrail come, and are they read?"""

from __future__ import annotations

from collections.abc import Iterable

from ...findings.shapes import is_read
from ..line import Check, Line, green, name, red, some
from ..sample import Sample
from ..surroundings import Surroundings


def look(about: Surroundings) -> Iterable[Line]:
    return lines(about.sample)


def lines(sample: Sample) -> list[Line]:
    """One for each shape that was seen."""
    found = []
    for shape, places in sample.in_shapes().items():
        where = some(f"{count} in index={name(at)} sourcetype={name(kind)}" for (at, kind), count in places.items())
        said = f"CloudTrail comes as {shape.words}: {where}."
        unread = red(f"{said} The detections do not read them.", shape.to_do)
        found.append(green(said) if is_read(shape, sample.shapes) else unread)
    return found


CHECK = Check("CloudTrail shapes", 12, look)
