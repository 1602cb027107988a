"""Attack the sandbox's AWS and watch the built app detect, ticket, notify and remediate; then prove it."""

from __future__ import annotations

import argparse
from pathlib import Path

from sandbox.runner import interpreters

ROOT = Path(__file__).resolve().parents[2]
EPILOG = (
    "./demo.sh detect PATH... runs the detections over your own CloudTrail files instead: ./demo.sh detect --help. "
    "./demo.sh provision makes the AWS resources that bring CloudTrail to Splunk, and removes them. "
    "./demo.sh workshop plays the workshop step by step. "
    "./demo.sh up keeps the sandbox running with the app in it: "
    "./demo.sh up --help."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.add_argument("--mode", choices=("simulate", "enforce"), default="enforce", help="the app's default mode")
    parser.add_argument("--python", choices=interpreters.VERSIONS, help="which of Splunk's Pythons runs the app")
    parser.add_argument("--keep", action="store_true", help="keep everything running until Ctrl-C")
    parser.add_argument("--report", type=Path, default=ROOT / "reports", help="folder of the HTML report")


def run(args: argparse.Namespace) -> int:
    """1 when something did not happen as it should."""
    # Not at the top: help is shown by any Python, without the libraries of the rest.
    from sandbox.cli import _demo

    return _demo.run(args)
