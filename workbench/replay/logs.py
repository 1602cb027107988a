"""Log files of every kind that detections read, as events: CloudTrail, VPC flow logs, Route 53 Resolver query logs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spl import Event

from . import flow_logs
from .records import ENDINGS, Record, UnreadableRecords, as_event, files_of, is_record, parsed, text_of

CLOUDTRAIL, VPCFLOW, RESOLVER = "cloudtrail", "vpcflow", "resolver"
#: Besides those of CloudTrail; CloudWatch Logs exports to 000000.gz. Parquet, so that it is said that it is not read.
ALL_ENDINGS = (*ENDINGS, ".log", ".gz", ".parquet")
#: Resolver query logs have the source type of their input, here CloudWatch Logs.
_RESOLVER_SOURCETYPE = "aws:cloudwatchlogs"
_SOURCES = {flow_logs.SOURCETYPE: VPCFLOW, _RESOLVER_SOURCETYPE: RESOLVER}


@dataclass
class Logs:
    """What files hold. ``sources``: the kinds of logs, as detections name them."""

    events: list[Event] = field(default_factory=list)
    files: int = 0
    sources: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)
    regions: set[str] = field(default_factory=set)
    #: What could not be read: a line a file, with the reason.
    skipped: list[str] = field(default_factory=list)

    def add(self, path: Path) -> None:
        """Raises UnreadableRecords for a file of no such kind."""
        text = text_of(path)
        before = len(self.events)
        if flow_logs.is_flow_log(text):
            self._flows(path, text)
        else:
            for record in parsed(path, text, _is_any):
                source, account, region = _of(record)
                self._note(source, record.get(account), record.get(region))
                self.events.append(event_of(record))
        self.files += len(self.events) > before

    def _flows(self, path: Path, text: str) -> None:
        bad: list[str] = []
        try:
            for record in flow_logs.records(text, path, lambda number, why: bad.append(f"line {number}: {why}")):
                self._note(VPCFLOW, record.account, record.region)
                self.events.append(record.event)
        except flow_logs.UnreadableFlowLog as error:
            raise UnreadableRecords(f"{path} is {error}") from error
        if bad:
            lines = "1 line" if len(bad) == 1 else f"{len(bad):,} lines"
            self.skipped.append(f"{lines} of {path}; {bad[0]}")

    def _note(self, source: str, account: Any, region: Any) -> None:
        self.sources.add(source)
        if account:
            self.accounts.add(str(account))
        if region:
            self.regions.add(str(region))


def gather(paths: Sequence[Path], on_file: Callable[[int], None] = lambda number: None) -> Logs:
    """All that the files at and below the paths hold. ``on_file``: called after each, with their number.

    Raises UnreadableRecords: a path is not there, a file that was named is no log, there is no record at all.
    """
    files = files_of(paths, ALL_ENDINGS, "CloudTrail, VPC flow logs or Resolver query logs")
    logs = Logs()
    for file in files:
        try:
            logs.add(file)
        except UnreadableRecords as error:
            # A bucket holds other files too; a file that was named must be a log file.
            if file in paths:
                raise
            logs.skipped.append(str(error))
        on_file(len(files))
    if not logs.events:
        raise UnreadableRecords(f"No records in {len(files)} files. {' '.join(logs.skipped[:1])}".strip())
    return logs


def event_of(record: str | Record, source: str = "file") -> Event:
    """A record of any of the logs as indexed: a line of a flow log, a query, or one of CloudTrail."""
    if isinstance(record, str):
        return flow_logs.as_event(record, source)
    if not is_query(record):
        return as_event(record)
    plain = as_event({**record, "eventTime": record["query_timestamp"]})
    raw = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return Event(raw, plain.time, "main", _RESOLVER_SOURCETYPE, source=source, indextime=plain.time)


def sources_of(events: Iterable[Event]) -> frozenset[str]:
    """The kinds of logs that events are of, as detections name them."""
    return frozenset(_SOURCES.get(sourcetype, CLOUDTRAIL) for sourcetype in {event.sourcetype for event in events})


def is_query(record: Record) -> bool:
    """It is of a Resolver query log."""
    return "query_name" in record and "query_timestamp" in record


def _is_any(record: Record) -> bool:
    return is_record(record) or is_query(record)


def _of(record: Record) -> tuple[str, str, str]:
    """Its source, and where account and region stand."""
    return (RESOLVER, "account_id", "region") if is_query(record) else (CLOUDTRAIL, "recipientAccountId", "awsRegion")
