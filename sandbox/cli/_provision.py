"""Runs the commands of ``infra`` as a person would, and checks what they say."""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass

from sandbox.aws.server import AwsStandIn
from sandbox.demo.infra_command import run_infra


@dataclass(frozen=True)
class Act:
    title: str
    command: tuple[str, ...]
    #: What it has to print.
    proof: str


def acts(notifier: str) -> list[Act]:
    return [
        Act("See what would be made, and what it costs", ("plan", "--notifier", notifier), "0 to change"),
        Act("Make it", ("apply", "--notifier", notifier, "--yes"), "Done."),
        Act("Look whether it works", ("verify",), "as described."),
        Act("Apply again: nothing is left to do", ("apply", "--yes"), "0 to create, 0 to change"),
        Act("Take it down: the data stays", ("teardown", "--yes"), "It holds the data."),
        Act("Take it down with the data", ("teardown", "--delete-data", "--yes"), "deleted"),
        Act("Nothing is left", ("plan", "--notifier", notifier), "0 to change, 0 as described"),
    ]


def run(args: argparse.Namespace) -> int:
    with AwsStandIn() as aws, tempfile.TemporaryDirectory(prefix="provision-") as records:
        played = acts(args.notifier)
        for number, act in enumerate(played, 1):
            shown = f".venv/bin/python -m infra {' '.join(act.command)}"
            print(f"\n== {number} of {len(played)}: {act.title}\n$ {shown}", flush=True)
            if not _play(act, aws.url, records):
                print(f"FAILED: '{act.proof}' is not what {shown} said.", file=sys.stderr)
                return 1
    print(
        "\nEvery step was as it should be. In your own account, begin with:\n"
        "  .venv/bin/python -m infra plan --region REGION    # docs/provision.md"
    )
    return 0


def _play(act: Act, url: str, records: str) -> bool:
    printed = run_infra((*act.command, "--records", records), url, lambda line: print(f"  {line}", flush=True))
    return printed.exit_code == 0 and act.proof in printed.text
