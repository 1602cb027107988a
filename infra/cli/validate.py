"""CloudTrail log file validation: names log files and digests that were changed, deleted or added, and gaps."""

from __future__ import annotations

import argparse
import json
import re
import sys
from datetime import datetime, timedelta, timezone

from responder.errors import Rejected, ResponderError
from responder.findings.moments import epoch_of
from responder.pipeline import trail_files
from responder.pipeline.chain import Times
from responder.pipeline.validation import validate
from responder.pipeline.validation_report import Chain, Problem, Report, Verdict

from infra.cli import _terminal_aws
from infra.cli._terminal import Page, neutral

EPILOG = """\
Times are UTC: 2026-11-29, 2026-11-29T08:00Z, or how long ago (24h, 7d). Exit code: 0 where all is valid, 1 where
something is not or a time is not covered, 2 where it could not be checked. docs/peek.md explains what is found.
"""
EXIT_CODES = {Verdict.VALID: 0, Verdict.INVALID: 1, Verdict.UNCHECKED: 2}
_AGO = re.compile(r"([0-9]{1,5})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
#: How each kind of problem is called.
LABELS = {
    "digest_invalid": "Digest not valid",
    "digest_missing": "Digest missing",
    "log_changed": "Log file changed",
    "log_missing": "Log file missing",
    "log_unsigned": "Log file unsigned",
    "gap": "Gap",
    "region_missing": "Region missing",
    "unchecked": "Not checked",
    "not_yet": "Not delivered yet",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.add_argument("--trail", required=True, metavar="TRAIL", help="its name, or its ARN")
    parser.add_argument("--start", default="24h", metavar="TIME", help="default: 24h")
    parser.add_argument("--end", default="", metavar="TIME", help="default: now")
    parser.add_argument("--account", action="append", default=[], metavar="ID", help="only this account (repeatable)")
    parser.add_argument(
        "--in-region", action="append", default=[], metavar="REGION", help="only logs of this region (repeatable)"
    )
    parser.add_argument("--bucket", default="", help="of a trail that was deleted; then --trail is its ARN")
    parser.add_argument("--prefix", default="", help="with --bucket: what stands before AWSLogs/")
    parser.add_argument("--organization", default="", metavar="ID", help="with --bucket: of an organization's trail")
    parser.add_argument("--json", action="store_true", help="for machines")
    _terminal_aws.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    now = datetime.now(timezone.utc).replace(microsecond=0)
    try:
        times = Times(moment(args.start, now, "--start"), moment(args.end or "0m", now, "--end"), now)
        aws = _terminal_aws.connect(args)
        if args.bucket:
            trail = trail_files.entered(args.trail, args.bucket, args.prefix, args.organization)
        else:
            trail = trail_files.describe(aws, args.trail, aws.account.default_region)
        report = validate(aws, trail, times, args.account, args.in_region, _progress)
    except ResponderError as error:
        print(neutral(_terminal_aws.explained(error)), file=sys.stderr)
        return EXIT_CODES[Verdict.UNCHECKED]
    if args.json:
        print(json.dumps(report.as_json(), indent=2))
    else:
        show(report, Page())
    return EXIT_CODES[report.verdict]


def moment(text: str, now: datetime, option: str) -> datetime:
    """Raises Rejected for what is no time."""
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    epoch = epoch_of(f"{text}T00:00" if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else text)
    if not epoch:
        raise Rejected(f"{option} is '{text}', which is no time.", "Use 2026-11-29T08:00Z, 2026-11-29, 24h or 7d.")
    return datetime.fromtimestamp(int(epoch), timezone.utc)


def _progress(chain: Chain) -> None:
    """On a terminal a person wants to see that it goes on."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{chain.account} {chain.region}: {chain.verdict.value}", end="", file=sys.stderr)


def show(report: Report, page: Page) -> None:
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    trail = report.trail_arn.rpartition("/")[2]
    page.title(f"The log files of {trail}")
    page.line(f"{_time(report.start)} to {_time(report.end)}, in bucket {report.bucket}", "quiet")
    page.paragraph(
        "Every hour CloudTrail writes a digest with the hashes of that hour's log files, and signs it. Each digest "
        "names the one before it, so none can be changed, deleted or added unnoticed."
    )
    for note in report.notes:
        page.paragraph(note, "bad")
    for line in report.unknown:
        page.paragraph(line, "quiet")
    for chain in report.chains:
        _chain(chain, page)
    page.line()
    style = "good" if report.verdict is Verdict.VALID else "bad"
    page.line(_summary(report), style)


def _chain(chain: Chain, page: Page) -> None:
    page.label(f"Account {chain.account}, {chain.region}")
    backfill = f" (and {chain.backfill_digests} delivered later, as backfill)" if chain.backfill_digests else ""
    page.line(f"Valid digests: {chain.digests}{backfill}. Valid log files: {chain.logs}.", indent=2)
    for problem in chain.problems:
        style = "bad" if problem.verdict is Verdict.INVALID else "quiet"
        page.line(f"{LABELS[problem.kind]}: {_where(problem)}".rstrip(": "), style, 2)
        page.paragraph(problem.detail, indent=4)


def _where(problem: Problem) -> str:
    if problem.file:
        return f"s3://{problem.file}"
    return f"{_time(problem.start)} to {_time(problem.end)}" if problem.start and problem.end else ""


def _summary(report: Report) -> str:
    digests = sum(chain.digests + chain.backfill_digests for chain in report.chains)
    logs = sum(chain.logs for chain in report.chains)
    wrong = sum(problem.verdict is Verdict.INVALID for _, problem in report.problems())
    what = f"Valid digests: {digests}. Valid log files: {logs}."
    if report.verdict is Verdict.VALID:
        return f"VALID. Nothing was changed, and nothing is missing. {what}"
    if report.verdict is Verdict.INVALID:
        return f"NOT VALID. Problems: {wrong}. {what}"
    return f"NOT CHECKED. Not everything could be read or is known. {what}"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
