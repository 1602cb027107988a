"""Run any search over CloudTrail records in files."""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

from spl import MemoryEvents, MemoryKnowledge, Results, SplRejected, SplUnsupported, conffile, search
from workbench.replay import UnreadableRecords, as_event, files_of, read, with_addon

EPILOG = """\
Exit codes: 0 it ran, 1 Splunk would reject the search, 2 a file cannot be read, 3 the search is not supported here.
docs/spl.md lists what is supported.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("search", metavar="SPL", help="the search to run over the records in PATHs")
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="log files, and folders of them")
    parser.add_argument("--index", default="aws", help="the index that the records are in (%(default)s)")
    parser.add_argument("--sourcetype", default="aws:cloudtrail", help="their sourcetype (%(default)s)")
    parser.add_argument("--macros", type=Path, metavar="FILE", help="a macros.conf that the search draws on")
    parser.add_argument(
        "--lookup",
        action="append",
        type=_named_file,
        default=[],
        metavar="NAME=FILE.csv",
        help="a lookup it draws on (repeatable)",
    )
    parser.add_argument(
        "--with-add-on", action="store_true", help="as if the Splunk Add-on for AWS added its fields to every event"
    )
    parser.add_argument("--json", action="store_true", help="print the rows as JSON instead of CSV")


def _named_file(written: str) -> tuple[str, Path]:
    name, equals, path = written.partition("=")
    if not (name and equals and path):
        raise argparse.ArgumentTypeError(f"'{written}' is not NAME=FILE.csv")
    return name, Path(path)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: value or "" for name, value in row.items() if name} for row in csv.DictReader(file)]


def run(args: argparse.Namespace) -> int:
    try:
        records = (as_event(record) for record in read(files_of(args.paths)))
        events = [replace(event, index=args.index, sourcetype=args.sourcetype) for event in records]
        if args.with_add_on:
            events = [with_addon(event) for event in events]
        macros = {} if args.macros is None else conffile.parse(args.macros.read_text(encoding="utf-8"))
        lookups = {name: _rows(path) for name, path in args.lookup}
    except (OSError, UnicodeDecodeError, UnreadableRecords) as error:
        print(f"Cannot read what the search needs: {error}", file=sys.stderr)
        return 2
    now = max((event.time for event in events), default=time.time()) + 1
    try:
        results = search(args.search, events=MemoryEvents(events), knowledge=MemoryKnowledge(macros, lookups), now=now)
    except SplRejected as error:
        print(f"Splunk would reject this search: {error}", file=sys.stderr)
        return 1
    except SplUnsupported as error:
        print(f"Not supported here (Splunk may run it): {error}", file=sys.stderr)
        return 3
    _print(results, args.json)
    return 0


def _print(results: Results, as_json: bool) -> None:
    for message in results.messages:
        print(f"Note: {message}", file=sys.stderr)
    if as_json:
        print(json.dumps(results.rows, indent=1))
        return
    writer = csv.DictWriter(sys.stdout, results.fields, lineterminator="\n")
    writer.writeheader()
    for row in results.rows:
        writer.writerow({name: value if isinstance(value, str) else "\n".join(value) for name, value in row.items()})
