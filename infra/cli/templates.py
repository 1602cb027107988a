"""Write a pipeline as CloudFormation, Terraform and policy JSON, from the description that apply goes by."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from infra.cli import _options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    _options.add_pipeline(parser)
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--out", type=Path, metavar="DIR", help="write the files of these options there")
    target.add_argument("--docs", type=Path, metavar="DIR", help="write docs/infra below this folder")
    parser.add_argument("--partition", default="aws", help="of the policies' ARNs (default: aws)")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is out of date")


def run(args: argparse.Namespace) -> int:
    """0; 1 with --check where a file is out of date; 2 where something failed."""
    from responder import arn
    from responder.errors import Rejected
    from responder.pipeline import templates
    from responder.pipeline.options import Options

    try:
        if args.docs:
            folder, wanted = args.docs / "infra", templates.committed()
        else:
            if args.partition not in arn.PARTITIONS:
                raise ValueError(f"'{args.partition}' is no partition. Use one of {', '.join(arn.PARTITIONS)}.")
            options = Options.of(_options.given(args))
            folder, wanted = args.out, templates.files(options, templates.example_place(args.partition))
        return _written(folder, wanted, args.check)
    except (Rejected, ValueError, OSError) as error:
        print(f"ERROR {error}", file=sys.stderr)
        return 2


def _written(folder: Path, wanted: dict[str, str], is_check: bool) -> int:
    stale = []
    for name, text in wanted.items():
        path = folder / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path)
        if not is_check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    strangers = sorted({path for path in folder.rglob("*.*") if path.is_file()} - {folder / name for name in wanted})
    for path in (*stale, *(strangers if is_check else ())):
        print(f"{path} is out of date. Run python -m infra templates --docs docs." if is_check else f"{path} written.")
    return 1 if is_check and (stale or strangers) else 0
