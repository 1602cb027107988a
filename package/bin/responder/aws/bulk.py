"""Reads that answer about many resources in one call, for threads that ask at the same moment.

What each gets is what a call of its own would have given, errors included, and is nobody else's: whoever changes it
changes no other's answer. A request goes out after everybody whose question is in it has asked, so a read right before
a write is as fresh as one of its own.
"""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable, Protocol

from .. import at_work
from ..coalescing import Coalescer
from ..errors import ResponderError, Unavailable

Items = list[dict[str, Any]]


class Reads(Protocol):
    """What is needed of ``client.Aws``."""

    def read_all(self, key: str, service: str, operation: str, region: str = "", **parameters: Any) -> Items: ...


#: Seconds in which those who ask nearly at the same moment come together, while several are at work.
LINGER = 0.01
#: Operations and regions for which threads come together; findings name regions.
REMEMBERED = 64


@dataclass(frozen=True)
class BulkRead:
    """An operation that takes several names, and says of each item which of them it is about."""

    service: str
    operation: str
    #: The key of the answer below which the items are.
    items: str
    parameters: Callable[[Sequence[str]], Mapping[str, Any]]
    names_of: Callable[[Mapping[str, Any]], Iterable[str]]
    #: Names in one call, at most.
    most: int
    #: The call for one name, by a client, in a region: what it gives, and what it raises, counts. The same operation
    #: where it is None.
    alone: Callable[[Any, str, str], Items] | None = None
    #: Whether a name of which nothing is said is asked about alone: nothing may mean that it does not exist.
    none_is_doubtful: bool = True


class BulkReads:
    """The bulk reads of one account entry."""

    def __init__(self, aws: Reads) -> None:
        self._aws = aws
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[BulkRead, str], Coalescer[str, Items | None]] = OrderedDict()

    def ask(self, bulk: BulkRead, region: str, name: str) -> Items:
        """The items about one name. Raises what the call for it alone raises."""
        found = self._together(bulk, region).ask(name)
        # By itself, and not in the group: what is wrong with one keeps nobody else waiting.
        return self._alone(bulk, region, name) if found is None else copy.deepcopy(found)

    def _together(self, bulk: BulkRead, region: str) -> Coalescer[str, Items | None]:
        with self._lock:
            key = (bulk, region)
            if key not in self._kept:
                self._kept[key] = self._make(bulk, region)
            self._kept.move_to_end(key)
            while len(self._kept) > REMEMBERED:
                # Whoever is in it gets an answer all the same; who comes later meets in a new one.
                self._kept.popitem(last=False)
            return self._kept[key]

    def _make(self, bulk: BulkRead, region: str) -> Coalescer[str, Items | None]:
        return Coalescer(lambda names: self._answers(bulk, region, names), bulk.most, LINGER, at_work.number)

    def _answers(self, bulk: BulkRead, region: str, names: Sequence[str]) -> list[Items | None]:
        wanted = list(dict.fromkeys(names))
        if len(wanted) == 1:
            found: dict[str, Items] = {wanted[0]: self._alone(bulk, region, wanted[0])}
        else:
            found = self._about(bulk, region, wanted)
        return [found.get(name) for name in names]

    def _about(self, bulk: BulkRead, region: str, wanted: Sequence[str]) -> dict[str, Items]:
        """Nothing for a name that has to be asked about alone."""
        try:
            items = self._read(bulk, region, wanted)
        except Unavailable:
            # Each of them would be told the same.
            raise
        except ResponderError:
            # It may be about a single one of them.
            return {}
        found: dict[str, Items] = {} if bulk.none_is_doubtful else {name: [] for name in wanted}
        for item in items:
            for name in set(bulk.names_of(item)).intersection(wanted):
                found.setdefault(name, []).append(item)
        return found

    def _alone(self, bulk: BulkRead, region: str, name: str) -> Items:
        return bulk.alone(self._aws, region, name) if bulk.alone else self._read(bulk, region, [name])

    def _read(self, bulk: BulkRead, region: str, names: Sequence[str]) -> Items:
        return self._aws.read_all(bulk.items, bulk.service, bulk.operation, region, **bulk.parameters(names))
