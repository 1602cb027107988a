"""Run the shipped detections over log files of AWS, without Splunk."""

from __future__ import annotations

import argparse
from pathlib import Path

from workbench.cli import _lists

ROOT = Path(__file__).resolve().parents[2]
#: From the least to the most; not imported, as help is shown by any Python.
SEVERITIES = ("informational", "low", "medium", "high", "critical")
EPILOG = """\
A PATH is a log file (.json, .jsonl, .log, gzip'd or not) or a folder of them,
such as a copy of the bucket that AWS writes logs to (AWSLogs/...): CloudTrail,
VPC flow logs, Route 53 Resolver query logs. The detections run whose logs are
there. What else a folder holds is left out, with a line a file.

With --report, --format or --fail-on the searches run by their schedules, as in
Splunk, and findings of the same case count as one. Without, each search runs
once over all records. --report shows cases by detection, by actor and by day,
how many tickets a day to expect, and what to switch on first. It is made for
80 columns.

Exit codes: 0 nothing as severe as --fail-on was found (or it is not given),
1 something was, 2 something cannot be read or is not there.

    .venv/bin/python -m workbench detect --format sarif --output out.sarif LOGS
    .venv/bin/python -m workbench detect --fail-on high --format csv LOGS

Countries come from a made-up table of documentation addresses (spl/geo.py),
because Splunk's database is not available. All lists are empty by default, and
the detections that use them then find nothing.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="log files, and folders of them")
    parser.add_argument("--events", default=[], nargs="+", type=Path, metavar="FILE", help="the same as PATH")
    parser.add_argument("--search", action="append", default=[], metavar="ID", help="only this detection (repeatable)")
    parser.add_argument("--json", action="store_true", help="one JSON object a finding (else one line for people)")
    parser.add_argument("--report", action="store_true", help="a summary table and an HTML report instead")
    forms = ("json", "csv", "sarif")
    parser.add_argument("--format", choices=forms, metavar="FORM", help="only the cases: json, csv or sarif")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where --format is written (standard output)")
    parser.add_argument(
        "--fail-on", choices=SEVERITIES, metavar="SEVERITY", help="exit code 1 where a case is at least so severe"
    )
    parser.add_argument("--report-to", type=Path, default=ROOT / "reports", metavar="DIR", help="folder of the report")
    parser.add_argument("--relative-to", type=Path, default=Path(), metavar="DIR", help="where relative PATHs begin")
    _lists.add_arguments(parser)
    parser.add_argument(
        "--with-add-on", action="store_true", help="as if the Splunk Add-on for AWS added its fields to every event"
    )


def check(args: argparse.Namespace) -> str:
    """What is wrong with the arguments, before anybody waits for what the rest needs; empty where nothing is."""
    paths = [args.relative_to / path for path in (*args.paths, *args.events)]
    if not paths:
        return "No log files given. Name files, or folders with log files in them."
    missing = next((path for path in paths if not path.exists()), None)
    return f"{missing} cannot be read: No such file or directory" if missing else ""


def run(args: argparse.Namespace) -> int:
    """1 where a case is as severe as ``--fail-on``, 2 when something cannot be read, or is not there."""
    # Not at the top: help is shown by any Python, without the libraries of the rest.
    from workbench.cli import _detect

    return _detect.run(args)
