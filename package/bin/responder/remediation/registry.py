"""Finds the playbooks: every module below ``playbooks/<service>/`` defines one; its file name is the id."""

from __future__ import annotations

import importlib
import threading
from abc import ABCMeta
from collections.abc import Iterator
from pathlib import Path

from ..errors import Curable
from . import guide, playbooks
from .playbook import Playbook

_lock = threading.Lock()
_known: dict[str, Playbook] = {}


def every() -> tuple[Playbook, ...]:
    """Every playbook, by id."""
    return tuple(playbook for _, playbook in sorted(_load().items()))


def get(playbook_id: str) -> Playbook:
    """Raises Curable when there is none of that id: another one may be chosen, or a newer version be installed."""
    known = _load()
    if playbook_id not in known:
        raise Curable(
            f"There is no playbook '{playbook_id[:64]}'.",
            f"Choose one of {', '.join(sorted((*known, *guide.every())))} in the alert action.",
        )
    return known[playbook_id]


def _load() -> dict[str, Playbook]:
    with _lock:
        if not _known:
            found = [_playbook_in(name) for name in modules()]
            _known.update((playbook.id, playbook) for playbook in found)
        return _known


def modules() -> Iterator[str]:
    """Dotted names of the modules that define a playbook each. A folder needs nothing but them."""
    files = (path for folder in playbooks.__path__ for path in Path(folder).glob("*/*.py"))
    for path in sorted(files):
        if not path.stem.startswith("_"):
            yield f"{playbooks.__name__}.{path.parent.name}.{path.stem}"


def _playbook_in(name: str) -> Playbook:
    module = importlib.import_module(name)
    classes = [
        value
        for value in vars(module).values()
        # On Python 3.9 ``tuple[str, int]`` says that it is a type, ``Mapping[str, int]`` that it is an abstract one.
        if issubclass(type(value), ABCMeta) and issubclass(value, Playbook) and value.__module__ == module.__name__
    ]
    if len(classes) != 1 or classes[0].id != name.rpartition(".")[2]:
        raise TypeError(f"{module.__name__} must define exactly one playbook, with its file's name as id")
    playbook: Playbook = classes[0]()
    return playbook
