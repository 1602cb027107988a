"""The .conf files of an instance: read once as long as they do not change, written whole."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path

from spl.conffile import Stanzas, parse


def serialize(stanzas: Mapping[str, Mapping[str, str]]) -> str:
    blocks = []
    for name, values in stanzas.items():
        lines = [f"[{name}]"]
        lines += [f"{key} = " + str(value).replace("\n", "\\\n") for key, value in values.items()]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


#: Of every file that is not there: the same object, as that of a file that does not change.
NOTHING: Stanzas = {}


class ConfFiles:
    """Reads files once as long as they do not change; writes them whole and atomically."""

    def __init__(self) -> None:
        self._cache: dict[str, tuple[tuple[int, int, int], Stanzas]] = {}
        self._lock = threading.Lock()

    def read(self, file: str | Path) -> Stanzas:
        """The file's stanzas, not to be changed by the caller; empty when there is no file.

        As long as the file does not change, the same object.
        """
        path = str(file)
        try:
            state = os.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            return NOTHING
        mark = (state.st_mtime_ns, state.st_size, state.st_ino)
        with self._lock:
            known = self._cache.get(path)
        if known and known[0] == mark:
            return known[1]
        stanzas = parse(Path(path).read_text(encoding="utf-8", errors="replace"))
        with self._lock:
            self._cache[path] = (mark, stanzas)
        return stanzas

    def forget(self) -> None:
        """Read every file again when it is asked for."""
        with self._lock:
            self._cache.clear()

    def write(self, path: Path, stanzas: Mapping[str, Mapping[str, str]]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{threading.get_ident()}.new")
        fresh.write_text(serialize(stanzas), encoding="utf-8")
        os.replace(fresh, path)
