"""Which tests the ordinary run leaves to the extended one, beyond those that say so themselves; and what it keeps.

Three tiers: the ordinary run has of every kind of thing an example; the extended run (marker ``extended``) has the rest
of what a change has to pass; the slow one (marker ``slow``) what takes too long for every change.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pytest

from sandbox.runner import interpreters


@dataclass
class File:
    """What a file of tests has in each tier, and the files in which its extended tests have a smaller one of theirs."""

    ordinary: int = 0
    extended: int = 0
    #: Files that ``@pytest.mark.extended(smaller=...)`` names; "" for a test that names none.
    smaller: set[str] = field(default_factory=set)


#: What a run has collected, before it leaves out any of it.
FILES = pytest.StashKey[dict[str, File]]()


def is_ordinary(item: pytest.Item) -> bool:
    return not any(item.get_closest_marker(tier) for tier in ("extended", "slow"))


def share_out(item: pytest.Item, name: str) -> None:
    """Of a question that is asked of very many: 1 in 6 in the ordinary run, 1 in the extended, 4 in the slow."""
    drawn = zlib.crc32(name.encode())
    if drawn % 2 or drawn // 2 % 3 == 2:
        item.add_marker(pytest.mark.slow)
    elif drawn // 2 % 3:
        item.add_marker(pytest.mark.extended)


def one_interpreter_each(items: Iterable[pytest.Item]) -> None:
    """What runs on each of Splunk's Pythons does so on one of them in the ordinary run.

    The worlds of ``e2e`` are of the newest anyway (``one_version``); everything else is on the oldest.
    ``build`` is about what ships for both, and cheap.
    """
    asked = [item for item in items if _version(item) and is_ordinary(item) and item.path.parent.name != "build"]
    # To look for them takes a while.
    here = asked and interpreters.available()
    versions: dict[str, set[object]] = {}
    for item in asked:
        versions.setdefault(_function(item), set()).add(_version(item))
    for item in asked:
        both = [version for version in here if version in versions[_function(item)]]
        chosen = both[-1:] if item.path.parent.name == "e2e" else both[:1]
        if _version(item) in both and _version(item) not in chosen:
            item.add_marker(pytest.mark.extended)


#: Where a file asks its subject many things: the ordinary run asks less than half of them.
MANY = frozenset(("aws", "core", "e2e", "health", "ingest", "ingest_input", "outward", "pipeline", "sandbox", "setup"))
FEW = 4
#: Of twelve that are drawn; the others are slow.
ORDINARY, EXTENDED = (2, 4, 6, 8, 10), (0, 1, 7)


def share_out_files(items: Iterable[pytest.Item]) -> None:
    """Of the functions of a file 5 in 12 are ordinary, 3 extended, 4 slow, the same ones each time.

    A file with fewer than four keeps all. For a whole run only: whoever names a file wants all of it.
    """
    functions: dict[str, dict[str, list[pytest.Item]]] = {}
    for item in items:
        if item.nodeid.split("/")[1] in MANY and is_ordinary(item):
            file = functions.setdefault(item.nodeid.partition("::")[0], {})
            file.setdefault(_function(item), []).append(item)
    for file in functions.values():
        if len(file) < FEW:
            continue
        drawn = {name: zlib.crc32(name.encode()) % 12 for name in file}
        kept = [name for name in file if drawn[name] in ORDINARY] or [min(file)]
        for name in file.keys() - kept:
            tier = pytest.mark.extended if drawn[name] in EXTENDED else pytest.mark.slow
            for item in file[name]:
                item.add_marker(tier)


def _function(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _version(item: pytest.Item) -> object:
    if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
        return item.callspec.params.get("python_version")
    return None


def files(items: Iterable[pytest.Item]) -> dict[str, File]:
    found: dict[str, File] = {}
    for item in items:
        file = found.setdefault(item.nodeid.partition("::")[0], File())
        if is_ordinary(item):
            file.ordinary += 1
        elif (marker := item.get_closest_marker("extended")) and not item.get_closest_marker("slow"):
            file.extended += 1
            file.smaller.add(str(marker.kwargs.get("smaller", "")))
    return found


def lonely(found: dict[str, File], whole: bool = True) -> Sequence[str]:
    """Files whose extended tests have nothing of their kind in the ordinary run, with what is missing.

    A test names a file that was not collected: a mistake, unless only a part was collected (``whole``).
    """
    wrong = []
    for name, file in found.items():
        for other in sorted(file.smaller if file.extended else ()):
            if not other and not file.ordinary:
                wrong.append(f"{name}: no test of it is ordinary, and some name no other file (smaller=...)")
            elif other and (other in found or whole) and not found.get(other, File()).ordinary:
                wrong.append(f"{name}: {other} has no ordinary test")
    return wrong
