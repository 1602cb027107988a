"""The records of all kinds, in the order of time; the same for the same seed and size."""

from __future__ import annotations

import importlib
import pkgutil
import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from . import kinds
from .month import Month

#: The month that "--month" means, and the records of one in which everything repeats as often as its kind says.
FULL, AT_VOLUME_ONE = 100_000, 138_000


def _kinds() -> dict[str, Callable[[Month], None]]:
    names = sorted(one.name for one in pkgutil.iter_modules(kinds.__path__))
    return {name: importlib.import_module(f"{kinds.__name__}.{name}").happens for name in names}


#: By name, in the order of names: a module in ``kinds`` is all that a new one takes.
KINDS: Mapping[str, Callable[[Month], None]] = _kinds()


@dataclass(frozen=True)
class Made:
    records: list[dict[str, Any]]
    #: The kind of each record, by its eventID.
    kind_of: Mapping[str, str]


def made(size: int = FULL, seed: int = 1, only: Collection[str] = ()) -> Made:
    """About so many records. What is rare is there in a small month, too: a few thousand of them at least.

    ``only``: kinds, by name; all where there is none.
    """
    month = _month(size / AT_VOLUME_ONE, seed, only or KINDS)
    return Made(sorted(month.records, key=lambda record: str(record["eventTime"])), month.kind_of)


def _month(volume: float, seed: int, only: Collection[str]) -> Month:
    month = Month(random.Random(), volume)
    for name, happens in KINDS.items():
        if name not in only:
            continue
        # Of its own, so that a new kind changes nothing of the others.
        month.chance, month.kind = random.Random(f"{seed}:{name}"), name
        happens(month)
    return month
