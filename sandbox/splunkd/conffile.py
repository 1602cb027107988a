"""The .conf file format: stanzas, ``key = value``, continuation lines."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Union

Stanzas = dict[str, dict[str, str]]


def parse(text: str) -> Stanzas:
    """Stanzas in order. Keys before the first stanza belong to ``default``; the last of equal keys wins.

    A backslash at a line's end joins the next line to the value, with a newline between (Admin Manual).
    """
    stanzas: Stanzas = {}
    current = "default"
    # Not splitlines(): it also breaks at characters that are part of a value here.
    lines = iter(text.lstrip("\ufeff").replace("\r\n", "\n").split("\n"))
    for line in lines:
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if stripped.startswith("[") and "]" in stripped:
            current = stripped[1 : stripped.rindex("]")]
            stanzas.setdefault(current, {})
            continue
        key, separator, value = line.partition("=")
        if not separator:
            continue
        while value.endswith("\\"):
            value = value[:-1] + "\n" + next(lines, "")
        stanzas.setdefault(current, {})[key.strip()] = value.strip(" \t\r")
    return stanzas


def serialise(stanzas: Mapping[str, Mapping[str, str]]) -> str:
    blocks = []
    for name, values in stanzas.items():
        lines = [f"[{name}]"]
        lines += [f"{key} = " + str(value).replace("\n", "\\\n") for key, value in values.items()]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


class ConfFiles:
    """Reads files once as long as they do not change; writes them whole and atomically."""

    def __init__(self) -> None:
        self._cache: dict[str, tuple[tuple[int, int, int], Stanzas]] = {}
        self._lock = threading.Lock()

    def read(self, file: Union[str, Path]) -> Stanzas:
        """The file's stanzas, not to be changed by the caller; empty when there is no file."""
        path = str(file)
        try:
            state = os.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        mark = (state.st_mtime_ns, state.st_size, state.st_ino)
        with self._lock:
            known = self._cache.get(path)
        if known and known[0] == mark:
            return known[1]
        stanzas = parse(Path(path).read_text(encoding="utf-8", errors="replace"))
        with self._lock:
            self._cache[path] = (mark, stanzas)
        return stanzas

    def write(self, path: Path, stanzas: Mapping[str, Mapping[str, str]]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{threading.get_ident()}.new")
        fresh.write_text(serialise(stanzas), encoding="utf-8")
        os.replace(fresh, path)
