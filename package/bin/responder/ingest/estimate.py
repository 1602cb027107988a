"""What a back-fill would cost before it begins: files, bytes as Splunk's license counts them, requests, time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..aws.client import Aws
from ..errors import ResponderError
from .notifications import S3Object
from .objects import Reading
from .splitting import records
from .walking import Walk

#: Files that are read to know how much they inflate.
SAMPLES = 8
#: Bytes of records a second that one input reads on one core (docs/scale.md).
BYTES_A_SECOND = 25_000_000


@dataclass(frozen=True)
class Estimate:
    files: int
    #: As stored.
    compressed: int
    #: Of records, as the license counts them; before any filter.
    bytes: int
    records: int
    folders: int
    #: Whether the time was enough to list all of them; else it is at least so much.
    is_whole: bool
    #: Files that were read for it.
    samples: int

    @property
    def hours(self) -> float:
        return self.bytes / BYTES_A_SECOND / 3600

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "hours": round(self.hours, 2)}

    def sentence(self) -> str:
        least = "" if self.is_whole else "At least "
        return (
            f"{least}{self.files:,} files in {self.folders:,} folders, {_size(self.compressed)} compressed: about "
            f"{_size(self.bytes)} of license and {self.records:,} events, {self.hours:,.1f} hours on one core."
        )


def estimate(
    walk: Walk, aws: Aws, region: str, seconds: float = 60.0, monotonic: Callable[[], float] = time.monotonic
) -> Estimate:
    """Lists for so many seconds at most. Raises a ResponderError."""
    ends_at = monotonic() + seconds
    files = compressed = 0
    chosen: list[S3Object] = []
    first: list[S3Object] = []
    folders, is_whole = walk.folders(), True
    for folder in folders:
        for page in walk.pages(folder):
            files += len(page.files)
            compressed += sum(one.size or 0 for one in page.files)
            first += page.files[: SAMPLES - len(first)]
            if page.files and len(chosen) < SAMPLES:
                # The one in the middle in size says more of a page than its first.
                chosen.append(sorted(page.files, key=lambda one: one.size or 0)[len(page.files) // 2])
            if monotonic() >= ends_at:
                is_whole = False
                break
        if not is_whole:
            break
    # So few files are all read: then it is no estimate, but what is there.
    stored, inflated, count, samples = _sampled(aws, region, first if files <= SAMPLES else chosen)
    scale = compressed / stored if stored else 0.0
    return Estimate(files, compressed, round(inflated * scale), round(count * scale), len(folders), is_whole, samples)


def _sampled(aws: Aws, region: str, chosen: list[S3Object]) -> tuple[int, int, int, int]:
    """Bytes stored, bytes of records, records, files. Raises the error of the last one where none can be read."""
    stored = inflated = count = samples = 0
    failed: ResponderError | None = None
    for what in chosen:
        reading = Reading(aws, region, what)
        try:
            sizes = [len(one.raw) for one in records(reading.chunks(), what.key)]
        except ResponderError as error:
            failed = error
            continue
        stored, inflated, count = stored + reading.bytes, inflated + sum(sizes), count + len(sizes)
        samples += 1
    if failed is not None and not samples:
        raise failed
    return stored, inflated, count, samples


def _size(value: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:,.0f} {unit}" if unit == "bytes" else f"{value:,.1f} {unit}"
        value /= 1000
    return f"{value:,.2f} TB"
