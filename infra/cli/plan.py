"""Show what provisioning a pipeline (trail, bucket, topic, queues) would do, and what it costs. Changes nothing."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from infra.cli import _options

if TYPE_CHECKING:
    from responder.pipeline.calls import Calls
    from responder.pipeline.place import Place

    from infra.cli._records import FileRecords


def add_arguments(parser: argparse.ArgumentParser) -> None:
    _options.add_pipeline(parser)
    add_change(parser)
    _options.add_connection(parser)


def add_change(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--change",
        action="append",
        default=[],
        metavar="RESOURCE[.SETTING]",
        help="change it though it was there already; all: everything that differs",
    )


def run(args: argparse.Namespace) -> int:
    """0; 2 where something failed."""
    from infra.cli import _run

    return _run.guarded(args, _plan)


def _plan(args: argparse.Namespace, calls: Calls, place: Place, records: FileRecords) -> int:
    from responder.pipeline import report
    from responder.pipeline.opening import open_pipeline
    from responder.pipeline.planning import plan

    from infra.cli import _run

    pipeline, record = open_pipeline(calls, place, records, _options.given(args), args.record_id)
    made = plan(pipeline, calls, record, args.change)
    _run.show(args, report.plan_lines(made), report.plan_json(made))
    return 0
