"""Estimate a back-fill of a bucket (files, license, time), and show the input that does it."""

from __future__ import annotations

import argparse
import json
import re
import sys
from datetime import date, datetime, timezone

from responder.errors import ConfigurationError, ResponderError
from responder.ingest.estimate import estimate
from responder.ingest.settings import BUCKET, SCHEME
from responder.ingest.walking import Walk

from infra.cli import _terminal_aws
from infra.cli._terminal import Page, neutral


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--bucket", required=True)
    parser.add_argument("--prefix", default="", help="in front of AWSLogs/, as the trail has it")
    parser.add_argument("--first-day", required=True, type=date.fromisoformat, metavar="2026-03-01", help="UTC")
    parser.add_argument(
        "--last-day", type=date.fromisoformat, metavar="2026-03-31", help="UTC (default: today)",
        default=datetime.now(timezone.utc).date(),
    )  # fmt: skip
    parser.add_argument("--estimate", action="store_true", help="only the estimate")
    parser.add_argument("--seconds", type=float, default=600.0, help="for listing, at most (default: 600)")
    parser.add_argument("--json", action="store_true", help="for machines")
    _terminal_aws.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """0; 2 where AWS does not let us look."""
    try:
        if not re.fullmatch(BUCKET, args.bucket) or args.last_day < args.first_day:
            raise ConfigurationError("There is no such bucket or range of days.", "Correct --bucket or the days.")
        aws = _terminal_aws.connect(args)
        region = aws.account.default_region
        walk = Walk(aws, region, args.bucket, args.prefix.strip("/"), args.first_day, args.last_day)
        found = estimate(walk, aws, region, args.seconds)
    except ResponderError as error:
        print(neutral(error), file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps(found.to_dict()))
        return 0
    page = Page()
    page.paragraph(found.sentence(), "good")
    if not args.estimate:
        page.label("The input, as inputs.conf has it; the Inputs page makes the same")
        page.value(_stanza(args))
    return 0


def _stanza(args: argparse.Namespace) -> str:
    return "\n".join(
        (
            f"[{SCHEME}://backfill_{args.first_day:%Y%m%d}_{args.last_day:%Y%m%d}]",
            "interval = 60",
            "mode = backfill",
            "aws_account = <entry of the AWS accounts tab>",
            f"bucket = {args.bucket}",
            *((f"prefix = {args.prefix.strip('/')}",) if args.prefix else ()),
            f"start_date = {args.first_day}",
            f"end_date = {args.last_day}",
            "index = <index>",
        )
    )
