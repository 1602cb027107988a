"""What the app would have changed in past CloudTrail records, and what people did about the same within a day."""

from __future__ import annotations

import argparse
from pathlib import Path

from workbench.cli import _lists

ROOT = Path(__file__).resolve().parents[2]
EPILOG = """\
A PATH is a log file (.json, .jsonl, gzip'd or not) or a folder of them, such as a copy of the bucket that CloudTrail
writes to (AWSLogs/...). Every detection that recommends a playbook runs by its schedule; docs/backtest.md explains the
figures, and what records cannot say. The HTML report loads nothing and runs no script.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="log files, and folders of them")
    parser.add_argument("--search", action="append", default=[], metavar="ID", help="only this detection (repeatable)")
    parser.add_argument("--json", action="store_true", help="one JSON object for each change instead of the table")
    parser.add_argument("--report-to", type=Path, default=ROOT / "reports", metavar="DIR", help="folder of the report")
    _lists.add_arguments(parser, all_logs=False)


def run(args: argparse.Namespace) -> int:
    """2 when something cannot be read, or is not there."""
    # Not at the top: help is shown by any Python, without the libraries of the rest.
    from workbench.cli import _backtest

    return _backtest.run(args)
