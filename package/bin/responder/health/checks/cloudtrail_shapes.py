"""In which shapes does CloudTrail come, and are they read?"""

from __future__ import annotations

from collections.abc import Iterable

from ...findings.shapes import is_read
from ..line import Check, Line, green, name, red, some
from ..sample import Sample
from ..shapes import NO_CALLS
from ..surroundings import Surroundings


def look(about: Surroundings) -> Iterable[Line]:
    return lines(about.sample)


def lines(sample: Sample) -> list[Line]:
    """One for each shape that was seen."""
    found = []
    for shape, places in sample.in_shapes().items():
        where = some(f"{count} in index={name(at)} sourcetype={name(kind)}" for (at, kind), count in places.items())
        said = f"CloudTrail comes as {shape.words}: {where}."
        if shape is NO_CALLS:
            found.append(green(f"{said} No detection needs them."))
        elif is_read(shape, sample.shapes):
            found.append(green(said))
        else:
            found.append(red(f"{said} The detections do not read them.", shape.to_do))
    return found


CHECK = Check("CloudTrail shapes", 12, look)
