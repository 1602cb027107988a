"""What could not be handed over, kept in files of this search head until its worker takes it up.

    $SPLUNK_HOME/var/run/splunk/cloudtrail_responder/<id>/request.json, results.csv.gz

The folder is made under another name and then renamed: what is there is whole. No session key is written.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import Unavailable
from ..json_limits import bounded_json

_PARTIAL = ".partial-"


@dataclass(frozen=True)
class Spooled:
    """One run of an alert that waits to be handed over."""

    folder: Path
    #: As the endpoint ``record`` takes it, without rows.
    handover: Mapping[str, Any]
    owner: str
    #: Number of the first result that is not recorded.
    first: int
    #: Since when it stands as it is, in epoch seconds by this machine's clock.
    kept_at: float

    @property
    def results(self) -> str:
        return str(self.folder / "results.csv.gz")

    def go_on_from(self, number: int) -> None:
        """Remember that everything before this result is recorded."""
        request = {"handover": dict(self.handover), "owner": self.owner, "first": number, "at": time.time()}
        _write(request, self.folder / "request.json.new")
        os.replace(self.folder / "request.json.new", self.folder / "request.json")

    def remove(self) -> None:
        shutil.rmtree(self.folder)


def folder() -> Path:
    return Path(os.environ.get("SPLUNK_HOME", "")) / "var" / "run" / "splunk" / "cloudtrail_responder"


def keep(handover: Mapping[str, Any], owner: str, results_file: str, first: int) -> None:
    """Raises Unavailable when the files cannot be written either."""
    try:
        top = folder()
        top.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=top))
        shutil.copyfile(results_file, partial / "results.csv.gz")
        request = {"handover": dict(handover), "owner": owner, "first": first, "at": time.time()}
        _write(request, partial / "request.json")
        partial.rename(top / partial.name[len(_PARTIAL) :])
    except OSError as error:
        raise Unavailable(
            f"The app's endpoint does not answer, and the results cannot be kept in {folder()} ({error.strerror}).",
            "Check splunkd and the disk, then run the alert again.",
        ) from error


def _write(request: Mapping[str, Any], path: Path) -> None:
    with open(path, "w", encoding="utf-8") as file:
        json.dump(request, file)
        file.flush()
        os.fsync(file.fileno())


def waiting() -> Iterator[Spooled]:
    """What waits, oldest first. What cannot be read is left out; see ``damaged``."""
    for found in _folders():
        try:
            request = bounded_json((found / "request.json").read_text(encoding="utf-8"))
            handover, owner, first = dict(request["handover"]), str(request["owner"]), int(request["first"])
            yield Spooled(found, handover, owner, first, _kept_at(found))
        except (OSError, ValueError, KeyError, TypeError):
            continue


def damaged() -> list[str]:
    """Names of folders that cannot be read."""
    found = _folders()
    whole = {spooled.folder for spooled in waiting()}
    return [one.name for one in found if one not in whole and one.is_dir()]


def _folders() -> list[Path]:
    top = folder()
    found = [path for path in top.iterdir() if path.is_dir()] if top.is_dir() else []
    return sorted((path for path in found if not path.name.startswith(".")), key=_kept_at)


def _kept_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        # The worker has taken it up in this moment.
        return 0.0
