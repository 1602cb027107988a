"""Write docs/ocsf.md: what each detection loses where CloudTrail comes from Security Lake."""

from __future__ import annotations

import argparse
from pathlib import Path

from workbench.detections.model import load
from workbench.shapes import losses

ROOT = Path(__file__).resolve().parents[2]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="folder that gets the page")


def run(args: argparse.Namespace) -> int:
    path = args.docs / losses.FILE
    path.write_text(losses.page(load(ROOT / "detections")), encoding="utf-8")
    print(path)
    return 0
