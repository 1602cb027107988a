"""Records of pipelines as JSON files, one a pipeline."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from responder.errors import ConfigurationError, DamagedDocument, Unavailable
from responder.pipeline.record import Record

try:
    import fcntl
except ImportError:  # Windows, where nobody is kept from starting two at once.
    fcntl = None  # type: ignore[assignment]


class FileRecords:
    """Those of a folder. A file is replaced as a whole, and is on the disk before anything is done in AWS."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.expanduser()

    def path(self, key: str) -> Path:
        return self._folder / f"{key.replace(':', '_')}.json"

    def load(self, key: str) -> Record | None:
        path = self.path(key)
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be read ({error.strerror}).", "Look at its rights.") from error
        try:
            document = json.loads(text)
        except ValueError as error:
            raise DamagedDocument(f"{path} is no JSON.", "Restore it from a backup.") from error
        return Record.of(document)

    def save(self, record: Record) -> None:
        path = self.path(record.key)
        new = path.with_suffix(".new")
        try:
            self._make_folder()
            # Of a run that has stopped, or somebody's link to another file.
            new.unlink(missing_ok=True)
            with open(new, "x", encoding="utf-8", opener=_own) as file:
                json.dump(record.to_json(), file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, path)
        except OSError as error:
            raise ConfigurationError(
                f"{path} cannot be written ({error.strerror}).", "Choose another folder: --records."
            ) from error

    def remove(self, key: str) -> None:
        self.path(key).unlink(missing_ok=True)

    @contextlib.contextmanager
    def held(self, key: str) -> Iterator[None]:
        if fcntl is None:
            yield
            return
        self._make_folder()
        # Not the record itself, which is another file after each save.
        lock = self.path(key).with_suffix(".lock")
        try:
            descriptor = _own(str(lock), os.O_CREAT | os.O_WRONLY)
        except OSError as error:
            raise ConfigurationError(
                f"{lock} cannot be opened ({error.strerror}).", "Choose another folder: --records."
            ) from error
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Unavailable(f"Somebody else works on pipeline {key}.", "Wait until they are done.") from error
            yield

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _own(path: str, flags: int) -> int:
    """Opens no link, which could lead to any file of whoever runs this."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)
