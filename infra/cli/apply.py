"""Provision a pipeline: show the plan, ask, and make it. Goes on where an earlier run has stopped."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from infra.cli import _options
from infra.cli.plan import add_change

if TYPE_CHECKING:
    from responder.pipeline.calls import Calls
    from responder.pipeline.place import Place

    from infra.cli._records import FileRecords


def add_arguments(parser: argparse.ArgumentParser) -> None:
    _options.add_pipeline(parser)
    add_change(parser)
    _options.add_connection(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask before anything is changed")


def run(args: argparse.Namespace) -> int:
    """0; 1 where the person said no; 2 where something failed."""
    from infra.cli import _run

    return _run.guarded(args, _apply)


def _apply(args: argparse.Namespace, calls: Calls, place: Place, records: FileRecords) -> int:
    from responder.pipeline import report
    from responder.pipeline.applying import apply
    from responder.pipeline.opening import open_pipeline
    from responder.pipeline.planning import plan
    from responder.pipeline.record import key_of

    from infra.cli import _run

    given = _options.given(args)
    stem = str(given.get("stem") or _options.DEFAULTS.stem)
    with records.held(key_of(place.account, place.region, stem)):
        pipeline, record = open_pipeline(calls, place, records, given, args.record_id)
        made = plan(pipeline, calls, record, args.change)
        if not args.json:
            _run.show(args, report.plan_lines(made), None)
        if not made.changes_nothing and not _run.may_go_on(args, "Apply this?"):
            print("Nothing was changed.")
            return 1
        done = apply(pipeline, _run.run_of(calls, records, record, args), args.change)
        left = sum(step.action.value == "leave" for step in done)
        about = f", {left} left as they are" if left else ""
        lines = [f"Done{about}. The record is {records.path(record.key)}."]
        _run.show(args, lines, {"steps": [report.step_json(step) for step in done]})
    return 0
