"""What searches are parsed with: the app's macros and lookup definitions.

To parse a search takes longer than to run it over a record, so it is done once, whatever its lookups hold.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

from spl import Knowledge, conffile, macros, parse
from spl.stage import Pipeline
from workbench.detections import compile as compiler
from workbench.detections.model import Detection

PACKAGE = Path(__file__).resolve().parents[2] / "package"
#: Of so many sets of detections, or settings, the definitions are kept, and so many parsed searches of all of them.
KEPT, KEPT_SEARCHES = 32, 1024
_SEARCHES: OrderedDict[str, Pipeline] = OrderedDict()


class Definitions:
    """Macros and lookup definitions as the built app has them, and the searches that were parsed with them."""

    def __init__(self, detections: Iterable[Detection], settings: Mapping[str, str]) -> None:
        set_by_hand = {name: {"definition": definition} for name, definition in settings.items()}
        self.macros = MappingProxyType({**_conf("macros"), **set_by_hand, **compiler.macros_of(detections)})
        self.transforms = MappingProxyType(_conf("transforms"))
        self._parsed: dict[str, Pipeline] = {}

    def parse(self, spl: str, knowledge: Knowledge) -> Pipeline:
        """``knowledge``: with these definitions, and any tables of the lookups that are defined."""
        if spl not in self._parsed:
            self._parsed[spl] = _parsed(spl, knowledge)
        return self._parsed[spl]


def _parsed(spl: str, knowledge: Knowledge) -> Pipeline:
    """Where nothing but other detections differs, macros come to the same text: then it is the same search."""
    written_out = macros.expand(spl, knowledge)
    found = _SEARCHES.pop(written_out, None) or parse(spl, knowledge)
    _SEARCHES[written_out] = found
    if len(_SEARCHES) > KEPT_SEARCHES:
        _SEARCHES.popitem(last=False)
    return found


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


@cache
def _conf(name: str) -> conffile.Stanzas:
    return conffile.parse((PACKAGE / "default" / f"{name}.conf").read_text(encoding="utf-8"))
