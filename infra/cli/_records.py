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
            self._folder.mkdir(parents=True, exist_ok=True)
            with open(new, "w", encoding="utf-8") as file:
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
        self._folder.mkdir(parents=True, exist_ok=True)
        # Not the record itself, which is another file after each save.
        with open(self.path(key).with_suffix(".lock"), "w", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Unavailable(f"Somebody else works on pipeline {key}.", "Wait until they are done.") from error
            yield
