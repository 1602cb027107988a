"""Provision CloudTrail's way to Splunk on the sandbox's AWS: plan, apply, verify, apply again, tear down."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "In your own account: .venv/bin/python -m infra apply --help. See docs/provision.md."
    parser.add_argument(
        "--notifier",
        choices=("s3", "cloudtrail", "eventbridge"),
        default="s3",
        help="who announces new files (s3)",
    )


def run(args: argparse.Namespace) -> int:
    """1 when something was not as it should be."""
    # Not at the top: help is shown by any Python, without the libraries of the rest.
    from sandbox.cli import _provision

    return _provision.run(args)
