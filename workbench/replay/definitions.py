"""What searches are parsed with: the app's macros and lookup definitions.

To parse a search takes longer than to run it over a record, so it is done once, whatever its lookups hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from spl import Knowledge, conffile, parse
from spl.stage import Pipeline
from workbench.detections import compile as compiler
from workbench.detections.model import Detection

PACKAGE = Path(__file__).resolve().parents[2] / "package"
#: Of so many sets of detections, or settings, the definitions are kept.
KEPT = 512


class Definitions:
    """Macros and lookup definitions as the built app has them, and the searches that were parsed with them."""

    def __init__(self, detections: Iterable[Detection], settings: Mapping[str, str]) -> None:
        written = _conf("macros")
        written.update({name: {"definition": definition} for name, definition in settings.items()})
        self.macros = MappingProxyType({**written, **compiler.macros_of(detections)})
        self.transforms = MappingProxyType(_conf("transforms"))
        self._parsed: dict[str, Pipeline] = {}

    def parse(self, spl: str, knowledge: Knowledge) -> Pipeline:
        """``knowledge``: with these definitions, and any tables of the lookups that are defined."""
        if spl not in self._parsed:
            self._parsed[spl] = parse(spl, knowledge)
        return self._parsed[spl]


def of(detections: Iterable[Detection], settings: Mapping[str, str] | None = None) -> Definitions:
    """``settings``: macros that an administrator has set, by name."""
    return _made(_Given(detections, settings or {}))


class _Given:
    """The same as another one, if the detections are the same objects: whoever changes one makes a new one."""

    def __init__(self, detections: Iterable[Detection], settings: Mapping[str, str]) -> None:
        self.detections = tuple(detections)
        self.settings = dict(settings)
        self._key = (tuple(map(id, self.detections)), tuple(sorted(self.settings.items())))

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Given) and self._key == other._key


@lru_cache(maxsize=KEPT)
def _made(given: _Given) -> Definitions:
    # The cache holds the detections, so that none of their ids is given to another one.
    return Definitions(given.detections, given.settings)


def _conf(name: str) -> conffile.Stanzas:
    return conffile.parse((PACKAGE / "default" / f"{name}.conf").read_text(encoding="utf-8"))
