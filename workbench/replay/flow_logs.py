"""VPC flow log files as events: the default format, and custom ones whose fields the first line names.

The searches read the default format (``vpcflow_record``), so a record in another one is written out in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from spl import Event

SOURCETYPE = "aws:cloudwatchlogs:vpcflow"
#: The default format (version 2), by AWS's names.
DEFAULT = (
    "version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes",
    "start", "end", "action", "log-status",
)  # fmt: skip
#: What a custom format may lack, and what then stands for it.
_LACKING = {"packets": "0", "bytes": "0", "log-status": "OK"}
_NEEDED = tuple(name for name in DEFAULT if name not in {*_LACKING, "version", "end"})
#: CloudWatch Logs puts the time in front when it exports a log.
_EXPORTED = re.compile(r"\d{4}-\d\d-\d\dT\S+\s+(?=\d)")
_PLAIN = re.compile(r"2 (?:\d{12}|unknown|-) eni-\w+ ")
_NAME = re.compile(r"[a-z][a-z0-9-]*")
#: In a path of S3, with and without Hive's names of folders, or in the name of a file that was copied from there.
_REGION = re.compile(r"vpcflowlogs[/_](?:aws-region=)?([a-z]{2}(?:-[a-z]+)+-\d)(?=[/_])")


@dataclass(frozen=True)
class FlowRecord:
    event: Event
    account: str
    region: str


class UnreadableFlowLog(ValueError):
    """A flow log without what the detections need; the message says what that is."""


def is_flow_log(text: str) -> bool:
    first = text.lstrip().partition("\n")[0]
    return bool(_named(first) or _plain(first))


def records(text: str, path: Path, left_out: Callable[[int, str], None]) -> Iterator[FlowRecord]:
    """``left_out``: called with the number of each line that is no record, and why. Raises UnreadableFlowLog."""
    lines = text.splitlines()
    named = _named(lines[0])
    if named and (missing := [name for name in _NEEDED if name not in named]):
        raise UnreadableFlowLog(f"a flow log without {', '.join(missing)}, which the detections need.")
    at = _REGION.search(path.as_posix())
    for number, line in enumerate(lines[1:] if named else lines, 2 if named else 1):
        if not line.strip():
            continue
        fields = _fields(line, named)
        if fields is None:
            left_out(number, f"not a flow log record of {len(named or DEFAULT)} fields.")
            continue
        region = fields.get("region", "").strip("-") or (at[1] if at else "")
        whole = {**_LACKING, "end": fields["start"], **fields, "version": "2"}
        raw = " ".join(whole[name] for name in DEFAULT)
        source = f"{region}:{path.name}" if region else path.name
        yield FlowRecord(as_event(raw, source), fields["account-id"].strip("-"), region)


def as_event(line: str, source: str = "file") -> Event:
    """A record in the default format as the Splunk Add-on for AWS indexes it, by the start of what it counts.

    ``source``: names the log group or file; the region stands only there. Without a time it counts as of 1970.
    """
    start = re.search(r" (\d{10}) (?:\d{10}|-) ", line)
    time = float(start[1]) if start else 0.0
    return Event(line, time, "main", SOURCETYPE, source=source, indextime=time)


def _named(line: str) -> list[str] | None:
    """The fields that a first line names."""
    words = line.split()
    return words if set(words) & set(_NEEDED) and all(map(_NAME.fullmatch, words)) else None


def _plain(line: str) -> str | None:
    """The line, without the time in front, if it is in the default format."""
    exported = _EXPORTED.match(line)
    rest = line[exported.end() :] if exported else line
    return rest if _PLAIN.match(rest) and len(rest.split()) == len(DEFAULT) else None


def _fields(line: str, named: list[str] | None) -> dict[str, str] | None:
    if named is None:
        plain = _plain(line)
        return dict(zip(DEFAULT, plain.split())) if plain else None
    words = line.split()
    return dict(zip(named, words)) if len(words) == len(named) else None
