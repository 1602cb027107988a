"""What ``detect`` does; its options are in ``detect.py``, which any Python can show."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from spl import SplError
from workbench.cli import _lists
from workbench.detections.model import SOURCES, InvalidDetection
from workbench.replay import ShippedSearches, UnreadableRecords
from workbench.replay.logs import gather
from workbench.replay.shipped import reading


def run(args: argparse.Namespace) -> int:
    paths = [args.relative_to / path for path in (*args.paths, *args.events)]
    try:
        searches = ShippedSearches(reading(SOURCES), lookups=_lists.lookups(args), addon=args.with_add_on)
        unknown = [name for name in args.search if name not in searches.detections]
        if unknown:
            known = ", ".join(searches.detections)
            print(f"There is no detection {', '.join(unknown)}. Known: {known}", file=sys.stderr)
            return 2
        if args.report or args.format or args.fail_on:
            return _cases(paths, searches, args)
        return _plainly(paths, searches, args.search, args.json)
    except (UnreadableRecords, InvalidDetection, SplError, OSError) as error:
        print(error, file=sys.stderr)
        return 2


def _cases(paths: list[Path], searches: ShippedSearches, args: argparse.Namespace) -> int:
    """By their schedules. 1 where a case is as severe as ``--fail-on``."""
    # Only here are rich and Jinja2 needed.
    from workbench.replay import formats, outlook, screen
    from workbench.replay.cases import RANK

    if args.report and args.format:
        print("--report and --format do not go together: run it twice.", file=sys.stderr)
        return 2
    if args.report or not args.format:
        cases = screen.report(paths, searches, args.search, args.relative_to / args.report_to)
    else:
        cases, seen, ran = screen.found(paths, searches, args.search)
        said = outlook.tickets(cases, seen.first_time, seen.last_time)
        text = {
            "json": lambda: formats.as_json(cases, said, outlook.advice(cases, ran, said.days), ran),
            "csv": lambda: formats.as_csv(cases, ran),
            "sarif": lambda: formats.as_sarif(cases, ran),
        }[args.format]()
        if args.output:
            (args.relative_to / args.output).write_text(text, encoding="utf-8", newline="")
        else:
            sys.stdout.write(text)
    worst = max((RANK.get(case.severity, -1) for case in cases), default=-1)
    return 1 if args.fail_on and worst >= RANK[args.fail_on] else 0


def _plainly(paths: list[Path], searches: ShippedSearches, only: list[str], as_json: bool) -> int:
    logs = gather(paths)
    for reason in logs.skipped:
        print(f"Left out: {reason}", file=sys.stderr)
    findings = searches.findings(logs.events, only or searches.reading(logs.sources))
    for finding in findings:
        if as_json:
            print(json.dumps(finding, ensure_ascii=False))
        else:
            where = f"{finding['vendor_account']} {finding['vendor_region']}"
            print(f"{finding['severity']:<13} {finding['search']}  {where}  {finding['reason']}")
    if not as_json:
        print(f"{len(findings)} findings in {len(logs.events)} records.")
    return 0
