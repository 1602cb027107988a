"""``python -m bench``: measure everything, as one Markdown table; ``--write`` puts it into docs/performance.md.

Each measurement runs in a process of its own: what one of them leaves in memory is no part of the next, and where one
fails the others still count.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Figure, table

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures: python -m bench --write -->", "<!-- end of figures -->"
#: Modules that are no measurement.
HELPERS = ("__init__", "__main__", "figures", "ingest_ways", "remediation_jobs", "site")


def main(arguments: Sequence[str] | None = None) -> int:
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in HELPERS)
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"what to measure (everything): {', '.join(names)}")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args(arguments)
    wanted = args.names or names
    unknown = sorted(set(wanted) - set(names))
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}")
    if args.write and args.names:
        parser.error("--write replaces the whole table: it measures everything, and takes no names")
    if args.json:
        figures = [figure for name in wanted for figure in importlib.import_module(f"bench.{name}").main()]
        print(json.dumps([dataclasses.asdict(figure) for figure in figures]))
        return 0
    return _measure(wanted, args.write)


def _measure(names: Sequence[str], is_written: bool) -> int:
    figures: list[Figure] = []
    failed = []
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        found = _measured(name)
        figures += found or ()
        failed += [] if found else [name]
    text = table(figures)
    print(text, flush=True)
    if failed:
        kept = f" {PAGE.name} stays as it was." if is_written else ""
        print(f"Not measured, see above: {', '.join(failed)}.{kept}", file=sys.stderr)
        return 1
    if is_written:
        write(PAGE, text)
    return 0


def _measured(name: str) -> list[Figure]:
    """None of them where it failed; it has said why."""
    command = [sys.executable, "-m", "bench", "--json", name]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    # Whatever it printed before is not the figures.
    last = done.stdout.strip().rpartition("\n")[2]
    return [Figure(**fields) for fields in json.loads(last)] if done.returncode == 0 else []


def write(page: Path, text: str) -> None:
    """Put a table between the marks of a page. Raises SystemExit where it has none."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    if not after:
        raise SystemExit(f"{page.name} has no place for figures between '{BEGIN}' and '{END}'.")
    when = f"Measured on {time.strftime('%Y-%m-%d')}, {platform.system()} on {platform.machine()}, in one run."
    page.write_text(f"{before}{BEGIN}\n\n{when}\n\n{text}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
