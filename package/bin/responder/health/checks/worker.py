"""Is the worker alive on each search head?"""

from __future__ import annotations

from collections.abc import Iterable

from .. import members
from ..line import Check, Line
from ..surroundings import Surroundings


def look(about: Surroundings) -> Iterable[Line]:
    return [member.line for member in members.every(about)]


CHECK = Check("Worker", 22, look)
