"""Run a file of SPL cases and count passed, unsupported and failed ones."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from sandbox.spl.cases import run_cases


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", required=True, type=Path, metavar="FILE", help="a JSON list of cases")
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")


def run(args: argparse.Namespace) -> int:
    try:
        cases = json.loads(args.cases.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"Cannot read the cases in {args.cases}: {error}")
        return 2
    outcomes = run_cases(cases)
    groups = {name: [o for o in outcomes if o.verdict == name] for name in ("passed", "unsupported", "failed")}
    if args.json:
        print(json.dumps({k: [{"id": o.id, "why": o.why} for o in v] for k, v in groups.items()}, indent=1))
        return 1 if groups["failed"] else 0
    for name, found in groups.items():
        print(f"{name}: {len(found)}")
        for outcome in found:
            print(f"  {outcome.id}" + (f": {outcome.why}" if name != "passed" else ""))
    return 1 if groups["failed"] else 0
