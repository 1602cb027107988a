"""Makes a pipeline as described. May be stopped between any two calls, and run again: it goes on where it stopped.

What is about to be made is written down first. Whatever is made carries the record's ID, so that the next run knows it
again; it is looked for before anything is made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from ..errors import Unavailable
from .calls import Calls, about
from .description import Pipeline
from .planning import Action, Examiner, Standing, Step, check_change
from .record import ADOPTED, CREATING, MADE, Entry, Record, Records
from .resource import Found, Resource

#: Seconds between looks for what was made a moment ago.
LOOKS = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0)


@dataclass(frozen=True)
class Run:
    """What a run needs. ``progress`` is told of each resource that is done: step, number, of how many."""

    calls: Calls
    records: Records
    record: Record
    now: Callable[[], float]
    sleep: Callable[[float], None]
    progress: Callable[[Step, int, int], None] = lambda step, number, total: None

    def note(self, resource: Resource, state: str, id: str = "") -> Entry:
        """Write the state of a resource down, unless it stands there already."""
        before = self.record.entries.get(resource.key)
        entry = Entry(state, resource.name, self.now(), id or (before.id if before else ""))
        if before is not None:
            entry.changed = before.changed
            if (before.state, before.name, before.id) == (state, entry.name, entry.id):
                return before
        self.record.entries[resource.key] = entry
        if resource.key == "bucket":
            self.record.is_data_deleted = False
        self.records.save(self.record)
        return entry


def apply(pipeline: Pipeline, run: Run, change: Collection[str] = ()) -> list[Step]:
    """What was done, a step for each resource. Raises ResponderError; what was done until then stands in the record."""
    check_change(pipeline, change)
    wanted = pipeline.options.to_json()
    if run.record.options != wanted:
        run.record.options = wanted
        run.records.save(run.record)
    examiner = Examiner(run.calls, run.record, change)
    done = []
    for number, resource in enumerate(pipeline.resources, 1):
        step = examiner.examine(resource)
        if step.action is Action.CREATE:
            step = _create(step, run, pipeline)
            examiner.noted(step)
        with about(resource.title):
            _settle(step, run, pipeline)
        done.append(step)
        run.progress(step, number, len(pipeline.resources))
    return done


def _tags(pipeline: Pipeline, record: Record) -> dict[str, str]:
    return {**pipeline.options.tags, **record.tags}


def _create(step: Step, run: Run, pipeline: Pipeline) -> Step:
    """It, and what it lacks then; ``changes`` of the answer is what is to be written still."""
    resource = step.resource
    run.note(resource, CREATING)
    with about(resource.title):
        resource.create(run.calls, _tags(pipeline, run.record))
        found = _look(resource, run)
    lacking = tuple(resource.differences(found))
    return replace(step, standing=Standing.OURS, found=found, changes=lacking)


def _look(resource: Resource, run: Run) -> Found:
    for pause in LOOKS:
        if pause:
            run.sleep(pause)
        found = resource.read(run.calls, run.record.known(resource.key))
        if found is not None:
            return found
    raise Unavailable("it was made, and AWS does not show it yet.", "Apply again in a minute.")


def _settle(step: Step, run: Run, pipeline: Pipeline) -> None:
    """Write down whose it is, then what has to be changed of it."""
    resource, found = step.resource, step.found
    if found is None:
        return
    if step.is_claimed:
        resource.claim(run.calls, _tags(pipeline, run.record))
    entry = run.note(resource, MADE if step.standing is Standing.OURS else ADOPTED, found.id)
    if step.standing is Standing.ADOPTED:
        new = [one.setting for one in step.changes if one.setting not in entry.changed]
        if new:
            entry.changed += new
            run.records.save(run.record)
    for difference in step.changes:
        resource.change(run.calls, found, difference.setting)
