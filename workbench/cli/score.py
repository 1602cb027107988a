"""Score the shipped detections over a folder of labeled records, run by run as their schedules would."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console

from spl import SplError
from workbench.cli import _lists
from workbench.detections.model import InvalidDetection
from workbench.replay import ShippedSearches
from workbench.replay.shipped import reading
from workbench.score import InvalidCorpus, NoSuchDetection, measure, read_corpus
from workbench.score.table import show

EPILOG = """\
DIR holds *.jsonl or *.jsonl.gz: a record a line under 'event' (of CloudTrail or a Resolver query log, or the text of a
VPC flow log record), with 'id', 'expect', 'accept', 'attempted', 'group' and 'synthetic' around it. Files whose names
begin with 'background' are bulk traffic; as *.log or *.log.gz they are logs as AWS writes them. Only detections run
whose logs are there. docs/score.md explains the figures.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.add_argument("dir", type=Path, nargs="?", metavar="DIR")
    parser.add_argument(
        "--blind",
        action="store_true",
        help="instead of DIR: records made from AWS's API descriptions; half of the services are seen by nobody",
    )
    parser.add_argument(
        "--month",
        type=int,
        nargs="?",
        const=100_000,
        metavar="RECORDS",
        help="instead of DIR: an ordinary company's month, in which nobody attacks anything; about 100,000 records",
    )
    parser.add_argument("--family", action="append", default=[], metavar="F", help="only this family (repeatable)")
    parser.add_argument("--search", action="append", default=[], metavar="ID", help="only this detection (repeatable)")
    parser.add_argument("--json", action="store_true", help="all figures and the record ids behind each of them")
    parser.add_argument("--ids", action="store_true", help="record ids in the table too")
    parser.add_argument(
        "--baselines", action="store_true", help="keep baselines, too: scheduled searches learn as it goes"
    )
    _lists.add_arguments(parser)
    parser.add_argument(
        "--with-add-on", action="store_true", help="as if the Splunk Add-on for AWS added its fields to every event"
    )


def run(args: argparse.Namespace) -> int:
    if sum((bool(args.dir), args.blind, args.month is not None)) != 1:
        print("Give either DIR or --blind or --month.", file=sys.stderr)
        return 2
    if args.blind:
        return _blind(args)
    if args.month is not None:
        return _month(args)
    try:
        corpus = read_corpus(args.dir)
        searches = ShippedSearches(
            reading(corpus.sources), lookups=_lists.lookups(args), baselines=args.baselines, addon=args.with_add_on
        )
        score = measure(corpus, searches, families=args.family, only=args.search)
    except (InvalidCorpus, NoSuchDetection, InvalidDetection, SplError) as error:
        print(error, file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps(score.to_json(), indent=1, ensure_ascii=False))
    else:
        show(score, Console(highlight=False), ids=args.ids)
    return 0


def _blind(args: argparse.Namespace) -> int:
    # Only here is botocore needed.
    from workbench import blind
    from workbench.blind import table

    found = blind.measured(blind.made(blind.calls()), ShippedSearches(addon=args.with_add_on))
    if args.json:
        print(json.dumps(found.to_json(), indent=1))
    else:
        table.show(found, Console(highlight=False))
    return 0


def _month(args: argparse.Namespace) -> int:
    # It needs the app's own proposals, which the others do without.
    from workbench import month
    from workbench.month import table

    made = month.made(args.month)
    peace = month.measured(made, month.proposed_lists(made.records), args.search)
    if args.json:
        print(json.dumps(peace.to_json(), indent=1))
    else:
        table.show(peace, Console(highlight=False), reasons=args.ids)
    return 0
