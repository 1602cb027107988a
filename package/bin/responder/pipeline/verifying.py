"""Whether a pipeline is as described, and works. It only reads."""

from __future__ import annotations

from dataclasses import dataclass

from .calls import Calls, about
from .description import Pipeline
from .planning import Examiner, Standing
from .record import Record
from .resource import Resource


@dataclass(frozen=True)
class Check:
    """What was found of one resource; no problem: it is as described."""

    resource: Resource
    problems: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        return not self.problems


def verify(pipeline: Pipeline, calls: Calls, record: Record) -> list[Check]:
    """Raises ResponderError where it cannot be looked at."""
    examiner = Examiner(calls, record)
    found = []
    for resource in pipeline.resources:
        step = examiner.examine(resource)
        problems = []
        if step.found is None:
            problems.append("It does not exist. Apply makes it.")
        else:
            is_ours = step.standing is Standing.OURS
            hint = "Apply corrects it." if is_ours else f"apply --change {resource.key} corrects it."
            for one in (*step.changes, *step.left):
                problems.append(f"{one.setting} is not as described. {hint} {' '.join(one.lines())}")
            with about(resource.title):
                problems += step.resource.health(calls, step.found)
        found.append(Check(step.resource, tuple(problems)))
    return found
