"""Run the shipped detections over CloudTrail records in files, without Splunk."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from spl import SplError
from workbench.detections.model import InvalidDetection
from workbench.replay import ShippedSearches, UnreadableRecords, as_event, files_of, read

ROOT = Path(__file__).resolve().parents[2]
EPILOG = """\
A PATH is a log file (.json, .jsonl, gzip'd or not) or a folder of them, such as a copy of the bucket that CloudTrail
writes to (AWSLogs/...). With --report the searches run by their schedules, as in Splunk, and findings of the same case
count as one. Without it, each search runs once over all records.
Countries come from a made-up table of documentation addresses (spl/geo.py), because Splunk's database is not available.
Detections for VPC flow logs and DNS query logs do not run: only CloudTrail is read.
Both allow-lists are empty by default, and the detections that use them then find nothing.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="log files, and folders of them")
    parser.add_argument("--events", default=[], nargs="+", type=Path, metavar="FILE", help="the same as PATH")
    parser.add_argument("--search", action="append", default=[], metavar="ID", help="only this detection (repeatable)")
    parser.add_argument("--json", action="store_true", help="one JSON object a finding (else one line for people)")
    parser.add_argument("--report", action="store_true", help="a summary table and an HTML report instead")
    parser.add_argument("--report-to", type=Path, default=ROOT / "reports", metavar="DIR", help="folder of the report")
    parser.add_argument("--relative-to", type=Path, default=Path(), metavar="DIR", help="where relative PATHs begin")
    parser.add_argument("--allow-country", action="append", default=[], metavar="NAME", help="as iplocation names it")
    parser.add_argument("--allow-network", action="append", default=[], metavar="CIDR")


def run(args: argparse.Namespace) -> int:
    paths = [args.relative_to / path for path in (*args.paths, *args.events)]
    if not paths:
        print("No log files given. Name files, or folders with log files in them.", file=sys.stderr)
        return 2
    lookups = {
        "responder_allowed_countries": [{"country": name} for name in args.allow_country],
        "responder_allowed_networks": [{"cidr": block} for block in args.allow_network],
    }
    try:
        searches = ShippedSearches(lookups=lookups)
        unknown = [name for name in args.search if name not in searches.detections]
        if unknown:
            known = ", ".join(searches.detections)
            print(f"There is no detection {', '.join(unknown)}. Known: {known}", file=sys.stderr)
            return 2
        if args.report:
            from workbench.replay import screen  # Only here are rich and Jinja2 needed.

            return screen.report(paths, searches, args.search, args.relative_to / args.report_to)
        return _plainly(paths, searches, args.search, args.json)
    except (UnreadableRecords, InvalidDetection, SplError) as error:
        print(error, file=sys.stderr)
        return 2


def _plainly(paths: list[Path], searches: ShippedSearches, only: list[str], as_json: bool) -> int:
    events = [as_event(record) for record in read(files_of(paths))]
    findings = searches.findings(events, only)
    for finding in findings:
        if as_json:
            print(json.dumps(finding, ensure_ascii=False))
        else:
            where = f"{finding['vendor_account']} {finding['vendor_region']}"
            print(f"{finding['severity']:<13} {finding['search']}  {where}  {finding['reason']}")
    if not as_json:
        print(f"{len(findings)} findings in {len(events)} records.")
    return 0
