"""The detections that ship with the app, and the packs in which they are switched on together.

The build writes both out of ``detections/`` into a file beside this one (``workbench compile``). Which of them are on,
and what they are now, splunkd says.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import ResponderError

FILE = Path(__file__).with_name("shipped.json")


@dataclass(frozen=True)
class ShippedDetection:
    id: str
    title: str
    family: str
    #: Of a call that succeeded; the search may rate some of them otherwise.
    severity: str
    #: The log that it reads: ``cloudtrail``, ``vpcflow`` or ``resolver``.
    source: str
    #: Of ATT&CK, the finding's first; tactics in the order of the matrix.
    techniques: tuple[str, ...]
    tactics: tuple[str, ...]
    #: Name of its saved search, and of the one that keeps its baseline; empty where it has none. Both are switched
    #: on together.
    search_name: str
    baseline_name: str
    #: As shipped, with its baseline.
    runs_an_hour: float
    enabled_by_default: bool

    @property
    def search_names(self) -> tuple[str, ...]:
        """What has to be on for it to work."""
        return (self.search_name, self.baseline_name) if self.baseline_name else (self.search_name,)


@dataclass(frozen=True)
class Pack:
    id: str
    title: str
    about: str
    #: Ids of detections.
    detections: tuple[str, ...]


def detections() -> Mapping[str, ShippedDetection]:
    """By id, family after family. Raises ResponderError where the app is damaged."""
    return _read()[0]


def packs() -> Sequence[Pack]:
    """In the order in which they are offered. Raises ResponderError where the app is damaged."""
    return _read()[1]


@functools.lru_cache(maxsize=1)
def _read() -> tuple[Mapping[str, ShippedDetection], Sequence[Pack]]:
    try:
        stored = json.loads(FILE.read_text(encoding="utf-8"))
        found = [
            ShippedDetection(**{**one, "techniques": tuple(one["techniques"]), "tactics": tuple(one["tactics"])})
            for one in stored["detections"]
        ]
        offered = tuple(Pack(**{**one, "detections": tuple(one["detections"])}) for one in stored["packs"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ResponderError(
            f"The list of the app's detections, {FILE.name}, cannot be read ({type(error).__name__}).",
            "Install the app again.",
        ) from error
    return {one.id: one for one in found}, offered
