"""What the commands about a pipeline share: errors as one line, records, progress, and the question before a change."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from responder.errors import ResponderError
from responder.pipeline import report
from responder.pipeline.applying import Run
from responder.pipeline.calls import Calls
from responder.pipeline.place import Place
from responder.pipeline.record import Record, Records

from infra.cli._connection import connect
from infra.cli._records import FileRecords
from infra.cli._terminal import neutral

Command = Callable[[argparse.Namespace, Calls, Place, FileRecords], int]


def guarded(args: argparse.Namespace, command: Command) -> int:
    """2, and one line, where something failed. Whatever was done until then is recorded: the same command goes on."""
    try:
        calls, place = connect(args, lambda why: print(f"... {why}", file=sys.stderr, flush=True))
        return command(args, calls, place, FileRecords(args.records))
    except (ResponderError, ValueError) as error:
        print(f"ERROR {neutral(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. The same command goes on where this one stopped.", file=sys.stderr)
        return 130


def show(args: argparse.Namespace, lines: Iterable[str], plain: Any) -> None:
    if args.json:
        print(json.dumps(plain, indent=2))
    else:
        print("\n".join(map(neutral, lines)), flush=True)


def run_of(calls: Calls, records: Records, record: Record, args: argparse.Namespace) -> Run:
    """With a line of progress for each resource."""

    def progress(step: Any, number: int, total: int) -> None:
        if not args.json:
            print(f"[{number}/{total}] {report.done_line(step)}", flush=True)

    return Run(calls, records, record, time.time, time.sleep, progress)


def may_go_on(args: argparse.Namespace, question: str, answer: str = "yes") -> bool:
    """Whether the person says so. Raises ValueError where there is nobody to ask."""
    if args.yes:
        return True
    if not sys.stdin.isatty():
        raise ValueError("Nobody can be asked here. Look at the plan, then give --yes.")
    return input(f"{question} Type {answer} to go on: ").strip() == answer
