"""How far a back-fill is, written down so that the next process goes on there."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from dataclasses import asdict, dataclass, field
from datetime import date

from .settings import IngestSettings

log = logging.getLogger("cloudtrail_responder")


@dataclass
class Progress:
    """Moments are epoch seconds by splunkd's clock."""

    walk: str = ""
    #: The last day of the range, as it was when the walk began.
    last_day: str = ""
    #: Of this round, once they are listed.
    folders: list[str] = field(default_factory=list)
    is_listed: bool = False
    #: Where the round is: folders before this one are done, and in it the keys up to this one.
    folder: str = ""
    key: str = ""
    #: Whether this round is over, and whether it has begun when the range was over.
    is_walked: bool = False
    is_last: bool = False
    #: Folder -> moment before which all of it was listed for the first time, in this round, and in one before.
    first: dict[str, float] = field(default_factory=dict)
    latest: dict[str, float] = field(default_factory=dict)
    before: dict[str, float] = field(default_factory=dict)
    files: int = 0
    is_done: bool = False
    #: Key -> why it could not be read.
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def last(self) -> date:
        return date.fromisoformat(self.last_day)

    @property
    def position(self) -> int:
        return self.folders.index(self.folder) if self.folder in self.folders else 0

    def begin_round(self, is_last: bool) -> None:
        self.before, self.latest = {**self.before, **self.latest}, {}
        self.is_last, self.is_listed, self.is_walked, self.folder, self.key = is_last, False, False, "", ""

    def begin_folder(self, folder: str, moment: float) -> None:
        self.first.setdefault(folder, moment)
        self.latest.setdefault(folder, moment)

    def since(self, folder: str) -> float:
        """What is older was read in a round before; 0 for a folder that was not there."""
        if self.is_last:
            # The rounds between look at the newest days only.
            return self.first.get(folder, 0.0) if folder in self.before else 0.0
        return self.before.get(folder, 0.0)


class ProgressFile:
    """``last_day``: of a walk that begins."""

    def __init__(self, folder: str, walk: str, last_day: date) -> None:
        self._path = os.path.join(folder, "backfill.json")
        self._new = Progress(walk, last_day.isoformat())

    def read(self) -> Progress:
        """At the beginning for another walk, and where there is none. Raises OSError."""
        try:
            with open(self._path, encoding="utf-8") as file:
                found = Progress(**json.load(file))
            return found if found.walk == self._new.walk and found.last else self._new
        except FileNotFoundError:
            return self._new
        except (ValueError, TypeError):
            # It is replaced as a whole, so it was no crash of ours.
            log.warning("%s cannot be read; the back-fill begins anew", self._path)
            return self._new

    def write(self, progress: Progress) -> None:
        """Raises OSError."""
        part = f"{self._path}.part"
        with open(part, "w", encoding="utf-8") as file:
            json.dump(asdict(progress), file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, self._path)


def walk_id(settings: IngestSettings) -> str:
    """The same for the same files into the same index."""
    last = "" if settings.is_until_today else settings.last_day.isoformat()
    parts = (settings.bucket, settings.prefix, settings.first_day.isoformat(), last, settings.index)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
