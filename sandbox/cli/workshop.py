"""Play the workshop: CloudTrail's way to Splunk, alerts, tickets, remediation and undo, step by step, each checked."""

from __future__ import annotations

import argparse
from pathlib import Path

from sandbox.runner import interpreters


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "docs/workshop/README.md explains each step. Exit codes: 0 done, 1 a step failed, 130 stopped."
    parser.add_argument("--no-pause", action="store_true", help="do not wait for Enter between two steps")
    parser.add_argument("--python", choices=interpreters.VERSIONS, help="which of Splunk's Pythons runs the app")
    parser.add_argument("--write-docs", type=Path, metavar="DIR", help="put what is shown into the README.md there")


def run(args: argparse.Namespace) -> int:
    # Not at the top: help is shown by any Python, without the libraries of the rest.
    from sandbox.cli import _workshop

    return _workshop.run(args)
