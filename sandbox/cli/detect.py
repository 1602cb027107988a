"""Run the shipped detections over CloudTrail records in files, without Splunk."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from sandbox.detect import ShippedSearches, UnreadableRecords, as_event, read

EPILOG = """\
Countries come from a made-up table of documentation addresses (sandbox/geo.py), since Splunk's database is not here.
Both allow-lists are empty unless given, and their detections are quiet then.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.add_argument(
        "--events", required=True, nargs="+", type=Path, metavar="FILE", help="log files or JSON lines, gzip'd or not"
    )
    parser.add_argument("--search", action="append", default=[], metavar="ID", help="only this detection (repeatable)")
    parser.add_argument("--json", action="store_true", help="one JSON object a finding (else one line for people)")
    parser.add_argument("--allow-country", action="append", default=[], metavar="NAME", help="as iplocation names it")
    parser.add_argument("--allow-network", action="append", default=[], metavar="CIDR")


def run(args: argparse.Namespace) -> int:
    lookups = {
        "responder_allowed_countries": [{"country": name} for name in args.allow_country],
        "responder_allowed_networks": [{"cidr": block} for block in args.allow_network],
    }
    searches = ShippedSearches(lookups=lookups)
    unknown = [name for name in args.search if name not in searches.detections]
    if unknown:
        print(f"There is no detection {', '.join(unknown)}. Known: {', '.join(searches.detections)}", file=sys.stderr)
        return 2
    try:
        events = [as_event(record) for record in read(args.events)]
    except UnreadableRecords as error:
        print(error, file=sys.stderr)
        return 2
    findings = searches.findings(events, args.search)
    for finding in findings:
        if args.json:
            print(json.dumps(finding, ensure_ascii=False))
        else:
            where = f"{finding['vendor_account']} {finding['vendor_region']}"
            print(f"{finding['severity']:<13} {finding['search']}  {where}  {finding['reason']}")
    if not args.json:
        print(f"{len(findings)} findings in {len(events)} records.")
    return 0
