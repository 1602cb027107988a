"""Break up the long lines of detections and shared macros: the searches stay the same."""

from __future__ import annotations

import argparse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 where a line would change")


def run(args: argparse.Namespace) -> int:
    """1 where ``--check`` finds a line that would be broken up."""
    # Not at the top: help is shown by any Python, without the libraries of the rest.
    from workbench.detections import layout

    paths = [one for one in sorted(ROOT.glob("detections/*/*.yaml")) if not one.name.endswith(".samples.yaml")]
    changed = []
    for path in [*paths, ROOT / "package" / "default" / "macros.conf"]:
        text = path.read_text(encoding="utf-8")
        made = layout.conf(text) if path.suffix == ".conf" else layout.file(text)
        if made != text:
            changed.append(path)
            print(path.relative_to(ROOT))
            if not args.check:
                path.write_text(made, encoding="utf-8")
    return 1 if args.check and changed else 0
