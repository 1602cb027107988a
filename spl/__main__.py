"""``python -m spl FILE``: run a file of cases and count those that passed, are not supported, and failed."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from spl.cases import run_cases

VERDICTS = ("passed", "unsupported", "failed")


def main(argv: list[str] | None = None) -> int:
    """Exit code 1 when a case failed, 2 when the file cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m spl", description="Run a file of SPL cases (see docs/spl.md).")
    parser.add_argument("cases", type=Path, metavar="FILE", help="a JSON list of cases")
    parser.add_argument("--json", action="store_true", help="print the verdicts as JSON")
    args = parser.parse_args(argv)
    try:
        cases = json.loads(args.cases.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"Cannot read the cases in {args.cases}: {error}", file=sys.stderr)
        return 2
    outcomes = run_cases(cases)
    groups = {verdict: [outcome for outcome in outcomes if outcome.verdict == verdict] for verdict in VERDICTS}
    if args.json:
        verdicts = {name: [{"id": one.id, "why": one.why} for one in found] for name, found in groups.items()}
        print(json.dumps(verdicts, indent=1))
        return 1 if groups["failed"] else 0
    for name, found in groups.items():
        print(f"{name}: {len(found)}")
        for outcome in found:
            print(f"  {outcome.id}" + (f": {outcome.why}" if name != "passed" else ""))
    return 1 if groups["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
