"""Whether the app's queries are served by the accelerations of collections.conf, as splunkd's log has them.

Source: collections.conf.spec, ``accelerated_fields``: an acceleration of ``{"a": 1, "b": 1}`` serves queries of ``a``
and of ``a`` with ``b``, and none of ``b`` alone; ``_key`` always has one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sandbox.splunkd.access import SYSTEM_USER
from tools.merge_conf import stanzas

#: "... INFO 127.0.0.1 - user GET /servicesNS/nobody/app/storage/collections/data/name?query=... 200"
_ASKED = re.compile(rf" - {SYSTEM_USER} (GET|DELETE) (\S*/storage/collections/data/(\w+)(?:\?\S*)?) \d+$")
_RANGES = frozenset(("$gt", "$gte", "$lt", "$lte"))
Accelerations = Mapping[str, Sequence[Sequence[str]]]


@dataclass(frozen=True)
class Asked:
    """A query of the app."""

    collection: str
    method: str
    query: Mapping[str, Any]
    sort: str

    def __str__(self) -> str:
        return f"{self.method} {self.collection} {json.dumps(self.query)[:300]} sort={self.sort!r}"


def asked(log: Path) -> Iterator[Asked]:
    """What was asked with the system's rights: people and tests ask with their own."""
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        found = _ASKED.search(line)
        if found:
            given = {name: values[0] for name, values in parse_qs(urlsplit(found[2]).query).items()}
            yield Asked(found[3], found[1], json.loads(given.get("query") or "{}"), given.get("sort", ""))


def accelerations(conf: Path) -> dict[str, list[list[str]]]:
    """The fields of each acceleration, in order, by collection."""
    found: dict[str, list[list[str]]] = {}
    for name, lines in stanzas(conf.read_text(encoding="utf-8")).items():
        pairs = [line.partition("=") for line in lines if line.startswith("accelerated_fields.")]
        found[name] = [["_key"], *(list(json.loads(value)) for _, _, value in pairs)]
    return found


def unserved(queries: Iterator[Asked], served: Accelerations) -> list[str]:
    """Queries that read a whole collection, or sort what no acceleration has in order."""
    return sorted({str(one) for one in queries if not _is_served(one.query, one.sort, served[one.collection])})


def _is_served(query: Mapping[str, Any], order: str, served: Sequence[Sequence[str]]) -> bool:
    if "$or" in query:
        return all(_is_served(branch, order, served) for branch in query["$or"])
    fields = dict(_constrained(query))
    if fields.get("_key") == "equal":
        return True
    by = order.partition(":")[0]
    return any(index[0] in fields and (not by or by in index) for index in served)


def _constrained(query: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Fields that a query asks to be something, or between something."""
    for name, condition in query.items():
        if name == "$and":
            for part in condition:
                yield from _constrained(part)
        elif not isinstance(condition, Mapping):
            yield name, "equal"
        elif _RANGES & set(condition):
            yield name, "range"
