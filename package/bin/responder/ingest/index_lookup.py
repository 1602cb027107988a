"""Asks the index what it has: which records of a file that somebody began, and which files are there as a whole.

Whatever was handed over and not confirmed is unknown, and unknown is looked up. Nothing of an object's key goes into a
search unless it has the form that keys of log files have; else the records are looked up by their own IDs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence

from ..findings.record_search import is_event_id
from ..splunk.client import Splunkd
from ..splunk.search import search
from .notifications import S3Object
from .objects import day_of, source_of
from .settings import FILE_SOURCETYPE, IngestSettings

_PLAIN = re.compile(r"[A-Za-z0-9_!./=+@:,-]{1,900}")
#: IDs in one search.
BATCH = 100
#: Records of a file of which all IDs are asked for; of a search that is run in one go Splunk gives 50,000 results.
MOST = 40_000
#: CloudTrail goes on trying to deliver a file for so many seconds (user guide, "CloudTrail log file delivery").
LATE = 31 * 86_400.0
#: Seconds by which the clocks of this host and of the indexers may differ.
SKEW = 600.0
_EVENT_ID = r'| rex field=_raw max_match=0 "\"eventID\"\s*:\s*\"(?<ingest_id>[^\"]{1,128})\""'
_FILE_ID = r'| rex field=_raw "\"file\"\s*:\s*\"(?<ingest_file>[0-9a-f]{32})\""'


class IndexLookup:
    def __init__(self, splunkd: Splunkd, settings: IngestSettings, file_index: str) -> None:
        self._splunkd = splunkd
        self._settings = settings
        self._file_index = file_index

    def of_file(self, what: S3Object) -> frozenset[str] | None:
        """IDs of the records of a file that are in the index. Raises as ``search``.

        None where its key is not plain, or where they are too many to be asked for in one go.
        """
        if not _PLAIN.fullmatch(source_of(what)):
            return None
        results = search(
            self._splunkd,
            f'{self._where()} source="{source_of(what)}" | head {MOST + 1} {_EVENT_ID}'
            " | eval ingest_id=mvindex(ingest_id, -1) | table ingest_id source",
            self._earliest(what),
            self._splunkd.now() + 86_400,
        )
        if len(results) > MOST:
            return None
        return frozenset(str(one["ingest_id"]) for one in results if one.get("ingest_id"))

    def of_ids(self, what: S3Object, event_ids: Collection[str]) -> frozenset[str]:
        """Those of these IDs whose records are in the index from this very file."""
        found: set[str] = set()
        for batch in _batches([one for one in event_ids if is_event_id(one)]):
            quoted = " OR ".join(f'"{one}"' for one in batch)
            results = search(
                self._splunkd,
                f"{self._where()} ({quoted}) {_EVENT_ID} | eval ingest_id=mvindex(ingest_id, -1)"
                " | table ingest_id source",
                self._earliest(what),
                self._splunkd.now() + 86_400,
            )
            found |= {str(one["ingest_id"]) for one in results if one.get("source") == source_of(what)}
        return frozenset(found)

    def sources_of(self, files: Sequence[S3Object]) -> frozenset[str]:
        """Those of files of one folder of which the index has something, as sources; also those that it cannot tell.

        Raises as ``search``.
        """
        odd = frozenset(source_of(one) for one in files if not _PLAIN.fullmatch(source_of(one)))
        plain = [one for one in files if source_of(one) not in odd]
        if not plain:
            return odd
        shared = os.path.commonprefix([source_of(one) for one in plain])
        earliest = min(self._earliest(one) for one in plain)
        results = search(
            self._splunkd,
            f'{self._where()} source="{shared}*" | stats count by source',
            earliest,
            self._splunkd.now() + 86_400,
        )
        return odd | frozenset(str(one.get("source")) for one in results)

    def files_of(self, run: str, since: float) -> frozenset[str]:
        """Files of a run of this input whose last event has arrived in the index since a moment (epoch seconds).

        The event of a file is written behind its records, and what an input writes stays in order.
        """
        if not re.fullmatch(r"[0-9a-f]{32}", run):
            raise ValueError("not the ID of a run")
        results = search(
            self._splunkd,
            f'search index="{self._file_index}" sourcetype="{FILE_SOURCETYPE}" "{run}" {_FILE_ID} | table ingest_file',
            since - SKEW,
            self._splunkd.now() + 86_400,
        )
        return frozenset(str(one["ingest_file"]) for one in results if one.get("ingest_file"))

    def check(self) -> None:
        """Whether searches can be run from here. Raises a ResponderError."""
        self.files_of("0" * 32, self._splunkd.now())

    def _where(self) -> str:
        return f'search index="{self._settings.index}" sourcetype="{self._settings.sourcetype}"'

    def _earliest(self, what: S3Object) -> float:
        day = day_of(what.key)
        return 0.0 if day is None else max(0.0, day - LATE)


def _batches(event_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(event_ids), BATCH):
        yield event_ids[first : first + BATCH]
