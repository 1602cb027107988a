"""A plan, a run, a check and a removal for people (lines) and for machines (JSON)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from . import costs
from .planning import Action, Plan, Standing, Step
from .resource import Difference
from .teardown import Removal
from .verifying import Check

_SIGNS = {Action.CREATE: "+", Action.CHANGE: "~", Action.KEEP: " ", Action.LEAVE: "!"}
_SAID = {
    Action.CREATE: "will be created",
    Action.CHANGE: "will be changed",
    Action.KEEP: "is as described",
    Action.LEAVE: "differs, and is left as it is",
}
_DONE = {Action.CREATE: "created", Action.CHANGE: "changed", Action.KEEP: "unchanged", Action.LEAVE: "left as it is"}
#: How a value is shown that is known only once the key exists.
_LATER = {"<key_arn>": "(the new key)"}


def plan_lines(plan: Plan) -> Iterator[str]:
    place, options = plan.pipeline.place, plan.pipeline.options
    yield f"Pipeline {options.stem} in account {place.account}, {place.region} ({place.partition})"
    yield ""
    for step in plan.steps:
        yield from step_lines(step)
    yield ""
    for note in plan.notes:
        yield f"Note: {note}"
    yield from _cost_lines(plan)
    count = {action: sum(step.action is action for step in plan.steps) for action in Action}
    yield (
        f"{count[Action.CREATE]} to create, {count[Action.CHANGE]} to change, {count[Action.KEEP]} as described, "
        f"{count[Action.LEAVE]} left as they are."
    )


def step_lines(step: Step) -> Iterator[str]:
    resource = step.resource
    owner = " (was there already)" if step.standing is Standing.ADOPTED else ""
    yield f"{_SIGNS[step.action]} {resource.title} {_SAID[step.action]}{owner}"
    if step.action is Action.CHANGE:
        yield from _differences(step.changes)
    if step.left:
        yield from _differences(step.left)
        # Not every setting of what is missing is worth a line.
        yield f"      To change it all the same: --change {resource.key}"


def _differences(differences: Sequence[Difference]) -> Iterator[str]:
    for one in differences:
        yield f"    {one.setting}"
        for line in one.lines():
            for token, text in _LATER.items():
                line = line.replace(token, text)
            yield f"      {line}"


def _cost_lines(plan: Plan) -> Iterator[str]:
    options = plan.pipeline.options
    found = costs.monthly(options)
    yield f"Rough costs a month at {options.events_per_month:,} events (list prices of us-east-1):"
    for one in found:
        yield f"    {one.what:<32} ${one.dollars:>9,.2f}  {one.note}".rstrip()
    yield f"    {'together':<32} ${costs.total(found):>9,.2f}"


def done_line(step: Step) -> str:
    return f"{step.resource.title}: {_DONE[step.action]}"


def check_lines(checks: Sequence[Check]) -> Iterator[str]:
    for one in checks:
        yield f"{'ok     ' if one.is_good else 'PROBLEM'} {one.resource.title}"
        for problem in one.problems:
            yield f"        {problem}"
    bad = sum(not one.is_good for one in checks)
    yield f"{len(checks) - bad} of {len(checks)} as described."


def removal_line(one: Removal) -> str:
    return f"{one.resource.title}: {one.outcome}. {one.note}".rstrip()


# For machines


def plan_json(plan: Plan) -> dict[str, Any]:
    found = costs.monthly(plan.pipeline.options)
    return {
        "steps": [step_json(step) for step in plan.steps],
        "notes": list(plan.notes),
        "costs": [vars(one) for one in found],
        "changes_nothing": plan.changes_nothing,
    }


def step_json(step: Step) -> dict[str, Any]:
    return {
        "resource": step.resource.key,
        "title": step.resource.title,
        "standing": step.standing.value,
        "action": step.action.value,
        "id": step.found.id if step.found else "",
        "changes": [_difference_json(one) for one in step.changes],
        "left": [_difference_json(one) for one in step.left],
    }


def _difference_json(one: Difference) -> dict[str, Any]:
    return {"setting": one.setting, "now": one.now, "wanted": one.wanted}


def check_json(one: Check) -> dict[str, Any]:
    return {"resource": one.resource.key, "title": one.resource.title, "problems": list(one.problems)}


def removal_json(one: Removal) -> dict[str, Any]:
    return {
        "resource": one.resource.key,
        "title": one.resource.title,
        "outcome": one.outcome,
        "note": one.note,
    }
