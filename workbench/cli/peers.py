"""Compare the shipped detections with other people's rules over labeled records: recall, false pairs, cost."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

EPILOG = """\
DIR holds labeled records as for 'score'. A folder of rules is a copy of theirs: ESCU's detections and macros (YAML),
Sigma rules for CloudTrail, Panther's rules with their helpers. Sigma and Panther run with their own libraries, in an
environment that is made at the first use. docs/score.md says how it is counted.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("dir", type=Path, metavar="DIR")
    for name, what in (("escu", "ESCU"), ("sigma", "Sigma"), ("panther", "Panther")):
        parser.add_argument(f"--{name}", type=Path, metavar="FOLDER", help=f"rules of {what}")
    parser.add_argument("--json", action="store_true", help="figures, and the rules that cannot be run")


def run(args: argparse.Namespace) -> int:
    """2 when something cannot be read."""
    # Not at the top: help is shown by any Python, without the libraries of the rest.
    from rich.console import Console

    from workbench import peers
    from workbench.peers.table import show
    from workbench.score import InvalidCorpus, read_corpus

    def contenders() -> Iterator[peers.Contender]:
        yield peers.Ours()
        if args.escu:
            yield peers.Spl.escu(args.escu)
        if args.sigma:
            yield peers.sigma(args.sigma)
        if args.panther:
            yield peers.Panther(args.panther)

    try:
        outcomes = peers.compare(read_corpus(args.dir), contenders())
    except (InvalidCorpus, peers.UnreadableRules) as error:
        print(error, file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps([outcome.to_json() for outcome in outcomes], indent=1))
    else:
        show(outcomes, Console(highlight=False))
    return 0
