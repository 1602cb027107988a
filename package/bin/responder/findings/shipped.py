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
#: What is shown of one detection only.
DETAILS = Path(__file__).with_name("shipped_details.json")


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
class Details:
    blind_spots: tuple[str, ...]
    references: tuple[str, ...]
    #: Why a sample of its log fires, and that sample: a record of CloudTrail, or a line of another log.
    sample_why: str
    sample: str


@dataclass(frozen=True)
class Technique:
    """One of ATT&CK, without its sub-techniques. ``name`` is its ID where no other is known."""

    id: str
    name: str
    #: In the order of the matrix.
    tactics: tuple[str, ...]


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


def details(detection: str) -> Details:
    """Raises ResponderError where the app is damaged, or has no such detection."""
    try:
        one = json.loads(DETAILS.read_text(encoding="utf-8"))[detection]
        return Details(tuple(one["blind_spots"]), tuple(one["references"]), one["sample_why"], one["sample"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(DETAILS, error) from error


def techniques() -> Sequence[Technique]:
    """Those that some detection names. Raises ResponderError where the app is damaged."""
    return _read()[2]


def _damaged(file: Path, error: Exception) -> ResponderError:
    return ResponderError(
        f"The list of the app's detections, {file.name}, cannot be read ({type(error).__name__}).",
        "Install the app again.",
    )


@functools.lru_cache(maxsize=1)
def _read() -> tuple[Mapping[str, ShippedDetection], Sequence[Pack], Sequence[Technique]]:
    try:
        stored = json.loads(FILE.read_text(encoding="utf-8"))
        found = [
            ShippedDetection(**{**one, "techniques": tuple(one["techniques"]), "tactics": tuple(one["tactics"])})
            for one in stored["detections"]
        ]
        offered = tuple(Pack(**{**one, "detections": tuple(one["detections"])}) for one in stored["packs"])
        named = tuple(Technique(one["id"], one["name"], tuple(one["tactics"])) for one in stored["techniques"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(FILE, error) from error
    return {one.id: one for one in found}, offered, named
