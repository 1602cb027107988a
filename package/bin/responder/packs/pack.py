"""What a pack is, and all of them."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from ..discovery import declared
from ..errors import NotFound, one_line


@dataclass(frozen=True)
class Pack:
    """``detections``: ids; none stand for every detection that reads CloudTrail."""

    id: str
    title: str
    #: For people: whom it is for, one or two sentences.
    about: str
    #: Packs with a smaller one stand first.
    order: int
    detections: tuple[str, ...] = ()
    #: A detection that would have opened more cases within 30 days is left out; None: however many.
    most_cases: int | None = None


def packs() -> list[Pack]:
    """Every pack, in the order in which people read them."""
    found = declared(importlib.import_module(__package__), "PACK")
    return sorted(found, key=lambda pack: (pack.order, pack.id))


def of(pack_id: str) -> Pack:
    """Raises NotFound."""
    for pack in packs():
        if pack.id == pack_id:
            return pack
    raise NotFound(f"There is no pack '{one_line(pack_id)[:60]}'.", f"Use one of {', '.join(p.id for p in packs())}.")
