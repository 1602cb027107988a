"""Look whether a provisioned pipeline is as described, and works. Changes nothing."""

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
    _options.add_connection(parser)


def run(args: argparse.Namespace) -> int:
    """0; 1 where it is not as described; 2 where something failed."""
    from infra.cli import _run

    return _run.guarded(args, _verify)


def _verify(args: argparse.Namespace, calls: Calls, place: Place, records: FileRecords) -> int:
    from responder.pipeline import report
    from responder.pipeline.opening import recorded_pipeline
    from responder.pipeline.verifying import verify

    from infra.cli import _run

    pipeline, record = recorded_pipeline(calls, place, records, getattr(args, "stem", ""))
    checks = verify(pipeline, calls, record)
    _run.show(args, report.check_lines(checks), {"checks": [report.check_json(one) for one in checks]})
    return 0 if all(one.is_good for one in checks) else 1
