"""What has to be done for a pipeline to be as described, resource by resource. It only reads."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from ..errors import Rejected
from .calls import Calls, about
from .description import Organization, Pipeline
from .options import Options
from .record import ADOPTED, CREATING, MADE, Record
from .resource import PIPELINE_TAG, RECORD_TAG, Difference, Found, Resource

#: What ``change`` may be for all that differs.
ALL = "all"


class Standing(enum.Enum):
    MISSING = "missing"
    #: We have made it.
    OURS = "ours"
    #: It was there already, and is used as it is.
    ADOPTED = "adopted"


class Action(enum.Enum):
    CREATE = "create"
    CHANGE = "change"
    #: It is as described.
    KEEP = "keep"
    #: It is not ours, and nobody has asked to change it.
    LEAVE = "leave"


@dataclass(frozen=True)
class Step:
    resource: Resource
    standing: Standing
    action: Action
    found: Found | None = None
    #: What is changed.
    changes: tuple[Difference, ...] = ()
    #: What differs, and stays.
    left: tuple[Difference, ...] = ()
    #: Whether it was made by a run that stopped before it could tag it.
    is_claimed: bool = False


@dataclass(frozen=True)
class Plan:
    pipeline: Pipeline
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        return all(step.action in (Action.KEEP, Action.LEAVE) for step in self.steps)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left that would have to be otherwise."""
        return not any(step.action is Action.LEAVE for step in self.steps)


@dataclass
class Examiner:
    """Looks at resources one after the other, each in the light of those before."""

    calls: Calls
    record: Record
    #: Keys of resources (``queue``), and of settings (``queue.policy``), that are changed though they are not ours.
    change: Collection[str] = ()
    #: Values of tokens that are known by now.
    values: dict[str, str] = field(default_factory=dict)
    standings: dict[str, Standing] = field(default_factory=dict)

    def examine(self, resource: Resource) -> Step:
        """Raises ResponderError, with the resource in its message."""
        resource = resource.filled(self.values)
        with about(resource.title):
            self._check_name(resource)
            found = resource.read(self.calls, self.record.known(resource.key))
            step = self._step(resource, found)
        self.noted(step)
        return step

    def noted(self, step: Step) -> None:
        self.standings[step.resource.key] = step.standing
        if step.resource.key == "key" and step.found is not None:
            self.values["key_arn"] = step.found.id

    def _check_name(self, resource: Resource) -> None:
        entry = self.record.entries.get(resource.key)
        if entry is not None and entry.state != ADOPTED and entry.name != resource.name:
            raise Rejected(
                f"this pipeline has made {entry.name}, and is to be called otherwise now.",
                "Keep the name, or tear the pipeline down first.",
            )

    def _step(self, resource: Resource, found: Found | None) -> Step:
        if found is None:
            action = Action.CREATE if self._may_create(resource) else Action.LEAVE
            lacking = tuple(Difference(name, None, wanted) for name, wanted in resource.wanted.items())
            made, left = (lacking, ()) if action is Action.CREATE else ((), lacking)
            return Step(resource, Standing.MISSING, action, None, made, left)
        standing, is_claimed = self._standing(resource, found)
        differing = resource.differences(found)
        changes = tuple(one for one in differing if standing is Standing.OURS or self._is_asked(resource, one.setting))
        left = tuple(one for one in differing if one not in changes)
        action = Action.CHANGE if changes or is_claimed else Action.LEAVE if left else Action.KEEP
        return Step(resource, standing, action, found, changes, left, is_claimed)

    def _may_create(self, resource: Resource) -> bool:
        """A part that alters what is not ours is made on request only."""
        is_foreign = self.standings.get(resource.host) is Standing.ADOPTED and resource.alters_host
        return not is_foreign or self._is_recorded(resource) or self._is_asked(resource, "")

    def _is_asked(self, resource: Resource, setting: str) -> bool:
        return bool({ALL, resource.key, f"{resource.key}.{setting}"} & set(self.change))

    def _is_recorded(self, resource: Resource) -> bool:
        entry = self.record.entries.get(resource.key)
        return entry is not None and entry.state in (CREATING, MADE)

    def _standing(self, resource: Resource, found: Found) -> tuple[Standing, bool]:
        """And whether it has to be tagged still. Raises Rejected for what belongs to another pipeline."""
        if resource.host:
            is_ours = self.standings.get(resource.host) is Standing.OURS or self._is_recorded(resource)
            return (Standing.OURS if is_ours else Standing.ADOPTED), False
        owner = found.tags.get(RECORD_TAG)
        if owner == self.record.id:
            # A tag alone proves nothing of what was there before: whoever may tag it can copy ours.
            entry = self.record.entries.get(resource.key)
            was_there = entry is not None and entry.state == ADOPTED
            return (Standing.ADOPTED if was_there else Standing.OURS), False
        if owner:
            raise Rejected(
                f"it was made by another pipeline, '{found.tags.get(PIPELINE_TAG)}' with record {owner}.",
                "Choose another name. If its record was lost, go on with it: record_id.",
            )
        if self.record.known(resource.key).is_interrupted and found.is_empty:
            return Standing.OURS, True
        return Standing.ADOPTED, False


def plan(pipeline: Pipeline, calls: Calls, record: Record, change: Collection[str] = ()) -> Plan:
    """Raises ResponderError, one line: what failed, on which resource, why, and what to do."""
    check_change(pipeline, change)
    examiner = Examiner(calls, record, change)
    steps = tuple(examiner.examine(resource) for resource in pipeline.resources)
    return Plan(pipeline, steps, tuple(_notes(pipeline.options, calls, steps)))


def check_change(pipeline: Pipeline, change: Collection[str]) -> None:
    """Raises Rejected for what is no resource or setting of the pipeline."""
    known = {ALL}
    for resource in pipeline.resources:
        known |= {resource.key, *(f"{resource.key}.{setting}" for setting in resource.wanted)}
    for name in change:
        if name not in known:
            raise Rejected(f"'{name[:60]}' is nothing that can be changed.", f"Use one of {', '.join(sorted(known))}.")


def organization(options: Options, calls: Calls) -> Organization | None:
    """The account's, where the trail is to be the organization's. Raises Rejected where it cannot be."""
    if not options.organization:
        return None
    with about("Organization trail"):
        absent = ("AWSOrganizationsNotInUseException",)
        answer = calls.read_if(absent, "organizations", "describe_organization")
        if answer is None:
            raise Rejected(
                f"account {calls.account} belongs to no organization.",
                "Leave organization out, or provision in the management account.",
            )
        found = answer["Organization"]
        return Organization(str(found["Id"]), str(found["MasterAccountId"]))


def _notes(options: Options, calls: Calls, steps: tuple[Step, ...]) -> Iterator[str]:
    if options.max_receive_count > 50:
        yield (
            f"A message is read {options.max_receive_count} times before it is a dead letter: one file that cannot be "
            "read then keeps readers busy for days, and nobody hears of it. We advise 5."
        )
    elif options.max_receive_count == 1:
        yield "A message is a dead letter after it was read once: each restart of a reader makes some. We advise 5."
    if options.trail and any(step.resource.key == "trail" and step.found is None for step in steps):
        others = [one["Name"] for one in calls.read("cloudtrail", "describe_trails")["trailList"]]
        if others:
            yield (
                f"There are other trails ({', '.join(others[:3])}): a further copy of management events costs $2.00 "
                "per 100,000. You can use one of them (names: trail, and its bucket)."
            )
    if options.retention_days == 0:
        yield "Files are kept for good: storage costs rise every month."

