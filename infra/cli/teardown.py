"""Take a pipeline down: what was made, and nothing else. Bucket and key stay, unless --delete-data is given."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from infra.cli import _options

if TYPE_CHECKING:
    from responder.pipeline.calls import Calls
    from responder.pipeline.place import Place

    from infra.cli._records import FileRecords


def add_arguments(parser: argparse.ArgumentParser) -> None:
    _options.add_stem(parser)
    parser.add_argument(
        "--delete-data", action="store_true", help="also delete every file in the bucket, the bucket, and the key"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask before anything is deleted")
    _options.add_connection(parser)


def run(args: argparse.Namespace) -> int:
    """0; 1 where the person said no; 2 where something failed."""
    from infra.cli import _run

    return _run.guarded(args, _teardown)


def _teardown(args: argparse.Namespace, calls: Calls, place: Place, records: FileRecords) -> int:
    from responder.pipeline import report
    from responder.pipeline.opening import recorded_pipeline
    from responder.pipeline.record import key_of
    from responder.pipeline.teardown import teardown

    from infra.cli import _run

    stem = getattr(args, "stem", "")
    with records.held(key_of(place.account, place.region, stem or _options.DEFAULTS.stem)):
        pipeline, record = recorded_pipeline(calls, place, records, stem)
        bucket = pipeline.get("bucket")
        assert bucket is not None
        question, answer = f"Take down pipeline {record.stem} in {place.account}, {place.region}?", "yes"
        if args.delete_data:
            question, answer = f"{question} Every file in {bucket.name} is deleted, for good.", bucket.name
        if not _run.may_go_on(args, question, answer):
            print("Nothing was changed.")
            return 1
        removed = teardown(pipeline, _run.run_of(calls, records, record, args), args.delete_data)
        lines = [f"[{number}/{len(removed)}] {report.removal_line(one)}" for number, one in enumerate(removed, 1)]
        _run.show(args, lines, {"removed": [report.removal_json(one) for one in removed]})
    return 0
