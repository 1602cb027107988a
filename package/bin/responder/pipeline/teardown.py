"""Takes a pipeline down: what it has made, and nothing else. It, too, may be stopped and run again.

The bucket stays, with its policy and the key that its files are read by, unless the person asks for the data to be
deleted. The key is never deleted while the bucket stays, nor where the bucket is not ours: files in it are encrypted.
"""

from __future__ import annotations

from dataclasses import dataclass

from .applying import Run
from .calls import about
from .description import Pipeline
from .planning import Examiner, Standing, Step
from .record import ADOPTED, DELETING, MADE
from .resource import Resource

DELETED, KEPT, LEFT, GONE = "deleted", "kept", "left", "gone"


@dataclass(frozen=True)
class Removal:
    resource: Resource
    #: ``deleted``; ``kept`` with the data; ``left``, since it is not ours; ``gone`` already.
    outcome: str
    note: str = ""


def teardown(pipeline: Pipeline, run: Run, delete_data: bool = False) -> list[Removal]:
    """In the order in which they were removed. Raises ResponderError; what is left then stands in the record."""
    examiner = Examiner(run.calls, run.record)
    # Which is whose is seen in the order in which they were made: parts come after their hosts.
    steps = [examiner.examine(resource) for resource in pipeline.resources if resource.key in run.record.entries]
    removed = []
    for step in reversed(steps):
        with about(step.resource.title):
            removal = _remove(step, run, delete_data)
        removed.append(removal)
    if not any(entry.state != ADOPTED for entry in run.record.entries.values()):
        run.records.remove(run.record.key)
    return removed


def _remove(step: Step, run: Run, delete_data: bool) -> Removal:
    resource, found = step.resource, step.found
    entry = run.record.entries[resource.key]
    if step.standing is Standing.ADOPTED:
        assert found is not None
        for setting in entry.changed:
            resource.withdraw(run.calls, found, setting)
        return _forget(resource, run, LEFT, "It was there before.")
    if found is None:
        return _forget(resource, run, GONE)
    why = _why_kept(resource, run, delete_data)
    if why:
        return Removal(resource, KEPT, why)
    run.note(resource, DELETING)
    resource.delete(run.calls, found)
    return _forget(resource, run, DELETED, resource.after_deletion)


def _why_kept(resource: Resource, run: Run, delete_data: bool) -> str:
    if not resource.stays_with_data:
        return ""
    bucket = run.record.entries.get("bucket")
    if resource.key == "key":
        return "" if run.record.is_data_deleted and delete_data else "Files can only be read with it."
    is_ours = bucket is not None and bucket.state in (MADE, DELETING)
    return "It holds the data." if is_ours and not delete_data else ""


def _forget(resource: Resource, run: Run, outcome: str, note: str = "") -> Removal:
    del run.record.entries[resource.key]
    if resource.key == "bucket":
        run.record.is_data_deleted = outcome in (DELETED, GONE)
    run.records.save(run.record)
    return Removal(resource, outcome, note)
