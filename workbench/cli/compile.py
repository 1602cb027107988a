"""Compile detections/ into an app's savedsearches.conf and macros.conf, and into docs/detections/."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from workbench.detections import compile as compiler
from workbench.detections import packs
from workbench.detections.catalog import catalog, details
from workbench.detections.model import Detection, InvalidDetection, load
from workbench.detections.pages import pages

#: Read by ``responder/documents/runbooks.py``.
RUNBOOKS = Path("bin", "responder", "documents", "runbooks.json")
#: Read by ``responder/findings/shipped.py``.
SHIPPED = Path("bin", "responder", "findings", "shipped.json")
DETAILS = SHIPPED.with_name("shipped_details.json")
#: For searches of people (transforms.conf).
LOOKUP = Path("lookups", "responder_detections.csv")
ROOT = Path(__file__).resolve().parents[2]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--detections", type=Path, default=ROOT / "detections", help="folder of the YAML files")
    parser.add_argument("--app-dir", type=Path, help="app folder whose default/*.conf get the searches and macros")
    parser.add_argument("--docs", type=Path, help="folder that gets a page each and an index")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the pages are out of date")


def run(args: argparse.Namespace) -> int:
    try:
        detections = load(args.detections)
        offered = packs.load(args.detections, detections)
        if args.app_dir and not args.check:
            write_conf(args.app_dir, detections, offered)
    except (InvalidDetection, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    if args.docs:
        stale = write_pages(args.docs, detections, args.check)
        if args.check and stale:
            print(f"Out of date: {', '.join(stale)}. Run with --docs and without --check.", file=sys.stderr)
            return 1
    print(f"{len(detections)} detections.")
    return 0


def write_conf(app: Path, detections: list[Detection], offered: list[packs.Pack]) -> None:
    files = {
        "savedsearches.conf": (compiler.saved_searches(detections), compiler.HEADING),
        "macros.conf": (compiler.macros_of(detections), ""),
    }
    for name, (stanzas, heading) in files.items():
        path = app / "default" / name
        existing = path.read_text(encoding="utf-8") if path.exists() else ""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(compiler.add_to(existing, stanzas, heading), encoding="utf-8")
    data = {
        RUNBOOKS: compiler.runbooks(detections),
        SHIPPED: catalog(detections, offered),
        DETAILS: details(detections),
        LOOKUP: compiler.detections_csv(detections),
    }
    for place, text in data.items():
        path = app / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def write_pages(folder: Path, detections: list[Detection], check: bool) -> list[str]:
    """Names of the files that were out of date; they are written (or deleted) unless this is only a check."""
    made = pages(detections)
    present = {
        path.name: path.read_text(encoding="utf-8")
        for path in folder.glob("*")
        if path.suffix in (".md", ".json", ".svg")
    }
    kept = {"README.md"}
    stale = sorted(name for name in made.keys() | present.keys() - kept if made.get(name) != present.get(name))
    if not check:
        folder.mkdir(parents=True, exist_ok=True)
        for name in stale:
            if name in made:
                (folder / name).write_text(made[name], encoding="utf-8")
            else:
                (folder / name).unlink()
    return stale
