"""Records of any number of files, day by day, on disk: never more of them in memory than a few days'."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.replay import UnreadableRecords, as_event, read
from workbench.replay.records import Record

DAY = 86_400
#: Records that are held until they are written.
HELD = 20_000


@dataclass
class Days:
    """Files of one day each in a folder. ``skipped``: what could not be read, with the reason."""

    folder: Path
    files: int = 0
    records: int = 0
    first_time: float = 0.0
    last_time: float = 0.0
    accounts: set[str] = field(default_factory=set)
    skipped: list[str] = field(default_factory=list)
    _sizes: dict[int, int] = field(default_factory=dict)

    def fill(self, files: Sequence[Path], named: set[Path]) -> None:
        """Sort the records of all files by day. Raises UnreadableRecords for a file that was named."""
        held: dict[int, list[str]] = {}
        count = 0
        for file in files:
            before = self.records
            try:
                for record in read([file]):
                    day = self._note(record)
                    held.setdefault(day, []).append(json.dumps(record, separators=(",", ":")))
                    count += 1
                    if count >= HELD:
                        self._write(held)
                        held, count = {}, 0
            except UnreadableRecords as error:
                # A bucket holds other files too; a file that was named must be a log file.
                if file in named:
                    raise
                self.skipped.append(str(error))
            self.files += self.records > before
        self._write(held)
        if not self.records:
            why = " ".join(self.skipped[:1])
            raise UnreadableRecords(f"No CloudTrail records in {len(files)} files. {why}".strip())

    def _note(self, record: Record) -> int:
        at = as_event(record).time
        self.records += 1
        self.first_time = min(self.first_time or at, at)
        self.last_time = max(self.last_time, at)
        account = record.get("recipientAccountId")
        if isinstance(account, str) and len(self.accounts) < 10_000:
            self.accounts.add(account)
        return int(at // DAY)

    def _write(self, held: dict[int, list[str]]) -> None:
        for day, lines in held.items():
            self._sizes[day] = self._sizes.get(day, 0) + len(lines)
            with self._file(day).open("a", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)

    def _file(self, day: int) -> Path:
        return self.folder / f"{day}.jsonl"

    def chunks(self, most: int) -> Iterator[list[int]]:
        """Days that are looked at together: one after the other, as long as they hold no more than ``most`` records."""
        chunk: list[int] = []
        for day in sorted(self._sizes):
            if chunk and sum(self._sizes[one] for one in chunk) + self._sizes[day] > most:
                yield chunk
                chunk = []
            chunk.append(day)
        if chunk:
            yield chunk

    def of(self, day: int) -> list[dict[str, Any]]:
        """The records of a day, in the order of time; none where there is no such day."""
        if day not in self._sizes:
            return []
        with self._file(day).open(encoding="utf-8") as file:
            records: list[dict[str, Any]] = [json.loads(line) for line in file]
        return sorted(records, key=lambda record: as_event(record).time)

    def in_order(self) -> Iterator[dict[str, Any]]:
        for day in sorted(self._sizes):
            yield from self.of(day)
