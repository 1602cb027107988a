"""``python -m bench``: measure everything, as one Markdown table; ``--write`` puts it into docs/performance.md."""

from __future__ import annotations

import argparse
import importlib
import platform
import sys
import time
from pathlib import Path

from bench.figures import Figure, table

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures: python -m bench --write -->", "<!-- end of figures -->"
#: Modules that are no measurement.
HELPERS = ("__init__", "__main__", "figures", "remediation_jobs", "site")


def main() -> int:
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in HELPERS)
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"what to measure (everything): {', '.join(names)}")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    args = parser.parse_args()
    wanted = args.names or names
    unknown = sorted(set(wanted) - set(names))
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}")
    figures: list[Figure] = []
    for name in wanted:
        print(f"{name} ...", file=sys.stderr, flush=True)
        figures += importlib.import_module(f"bench.{name}").main()
    text = table(figures)
    print(text)
    if args.write:
        _write(text)
    return 0


def _write(text: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not after:
        raise SystemExit(f"{PAGE.name} has no place for figures between '{BEGIN}' and '{END}'.")
    when = f"Measured on {time.strftime('%Y-%m-%d')}, {platform.system()} on {platform.machine()}."
    PAGE.write_text(f"{before}{BEGIN}\n\n{when}\n\n{text}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
