"""What ``detect`` does; its options are in ``detect.py``, which any Python can show."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from spl import SplError
from workbench.detections.model import InvalidDetection
from workbench.replay import ShippedSearches, UnreadableRecords, as_event, files_of, read


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
        searches = ShippedSearches(lookups=lookups, addon=args.with_add_on)
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
