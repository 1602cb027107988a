"""How a remediation ended, for tickets, messages and the audit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .evidence import Entry, Evidence
from .model import Change, Observation, Resource, Step, Target
from .playbook import Playbook

#: Of an outcome: what became of an asking, without a change.
ANSWERED = ("rejected", "expired", "excused")


@dataclass(frozen=True)
class Outcome:
    playbook: str
    #: The mode it came to, after every ceiling; ``undo`` for an undo.
    mode: str
    #: ``simulated``, ``already``, ``done``, ``refused`` (by a guardrail), ``rejected`` (by a person), ``waiting`` (for
    #: a person), ``still_waiting`` (half of the time is over), ``expired`` (nobody answered), ``excused``
    #: (its case is), ``failed``, ``undone``,
    #: ``kept`` (by a person, past its time limit) or ``by_hand`` (a guide: a person has to do it). What CloudTrail
    #: says of it later: ``proved``, ``unproved``, ``still_active`` or ``given_back``, and of an undo ``undo_proved`` or
    #: ``undo_unproved`` (``containment``).
    status: str
    #: One line for people.
    message: str
    #: Plain data: resource, resource_type, account, region, summary, before, after, whether it was made, what was read
    #: back, and of a plan the blast radius.
    changes: tuple[dict[str, Any], ...] = ()
    #: Of the plan that waits for a decision.
    plan_digest: str = ""
    #: Epoch seconds.
    finished_at: float = 0.0
    #: Of a guide: what a person has to do, ``text`` and ``link`` of each, in order.
    instructions: tuple[dict[str, str], ...] = ()
    #: Which asking waits, or has ended without a change: the same plan may be asked about again.
    ask: str = ""
    #: Where it is done by us: the newest write of its evidence, which tells it from what the same task did before.
    last_write: str = ""
    #: When what came about, as far as it did (epoch seconds): ``asked``, ``approved``, ``changed``, ``verified``.
    stages: Mapping[str, float] = field(default_factory=dict)
    #: Who has approved it, for people.
    approved_by: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "changes": list(self.changes), "instructions": list(self.instructions)}


@dataclass
class _Group:
    resource: Resource
    entries: list[Entry] = field(default_factory=list)


def report(playbook: Playbook, entries: Sequence[Entry], planned: Iterable[Change] = ()) -> tuple[dict[str, Any], ...]:
    """What was made, a dict for each resource, and what is planned beside it."""
    groups: dict[tuple[str, str, str], _Group] = {}
    for entry in entries:
        resource = entry.intended.resource
        groups.setdefault((resource.id, resource.region, resource.part), _Group(resource)).entries.append(entry)
    made = [_made(playbook, group) for group in groups.values()]
    steps = {_step_key(entry.intended.resource, entry.intended.step) for entry in entries}
    for change in planned:
        left = tuple(step for step in change.steps if _step_key(change.resource, step) not in steps)
        if left == change.steps:
            made.append({**_described(playbook, change.resource, left, change.context), "summary": change.summary})
        elif left:
            made.append(_described(playbook, change.resource, left, change.context))
        if left and change.blast_radius:
            made[-1]["blast_radius"] = list(change.blast_radius)
    return tuple(made)


def missed(playbook: Playbook, evidence: Evidence, seen: Mapping[Target, Observation]) -> str:
    """What people should know of writes of which nothing came, where what was ``seen`` does not show them either."""
    steps: dict[Target, list[Step]] = {}
    for entry in evidence.missed:
        step, target = entry.intended.step, entry.intended.resource.target
        same = playbook.of(target).same
        if target in seen and not same(step.aspect, seen[target].state.get(step.aspect), step.after):
            steps.setdefault(target, []).append(step)
    return " ".join(filter(None, (playbook.missed(seen[target].resource, of) for target, of in steps.items())))


def stages(evidence: Evidence) -> dict[str, float]:
    """When what came about by the evidence: see ``Outcome.stages``. When it was approved, the answers say."""
    asked = [plan.began for plan in evidence.plans if plan.asked]
    made = evidence.made
    changed = [entry.done.at if entry.done is not None else entry.intended.at for entry in made]
    read = [entry.left.at for entry in made if entry.left is not None and entry.left.ok]
    times = {
        "asked": min(asked, default=0.0),
        "changed": max(changed, default=0.0),
        "verified": max(read, default=0.0) if len(read) == len(made) else 0.0,
    }
    return {stage: at for stage, at in times.items() if at}


def _step_key(resource: Resource, step: Step) -> tuple[str, str, str, str]:
    return resource.id, resource.region, resource.part, step.aspect


def _made(playbook: Playbook, group: _Group) -> dict[str, Any]:
    steps = [entry.intended.step for entry in group.entries]
    found = {**_described(playbook, group.resource, steps, {}), "made": True}
    read = [entry.left for entry in group.entries if entry.left is not None]
    if len(read) == len(group.entries):
        observed = " ".join(dict.fromkeys(left.observed for left in read))
        found["verification"] = {"ok": all(left.ok for left in read), "observed": observed}
    elif any(entry.is_unknown for entry in group.entries):
        sentence = "Changed; it is not known whether by this app or by somebody else."
        found["verification"] = {"ok": False, "observed": sentence}
    return found


def _described(playbook: Playbook, resource: Resource, steps: Sequence[Step], context: Any) -> dict[str, Any]:
    return {
        **({"part": resource.part} if resource.part else {}),
        "resource": resource.id,
        "resource_type": resource.type,
        "account": resource.account,
        "region": resource.region,
        "summary": playbook.summary(resource, steps),
        "before": {**{step.aspect: step.before for step in steps}, **context},
        "after": {step.aspect: step.after for step in steps},
        "made": False,
    }


def titled(playbook: Playbook, said: object) -> str:
    """What is said of a remediation, with its title first. A guardrail's own sentence may begin with it already."""
    text = str(said)
    return text if text.startswith(f"{playbook.title} on ") else f"{playbook.title}: {text}"


def audit_fields(
    playbook: Playbook, mode: str, resource: Resource, steps: Sequence[Step], undo: bool = False
) -> dict[str, Any]:
    """What an audit event says of a change."""
    calls = [step.undo if undo else step.call for step in steps]
    return {
        "playbook": playbook.id,
        **({"part": resource.part} if resource.part else {}),
        "mode": mode,
        "resource": resource.id,
        "resource_type": resource.type,
        "region": resource.region,
        "change_type": "AWS",
        # The key of CloudTrail's record of the change: operations as in boto3.
        "calls": [call.operation for call in calls if call is not None],
        "before": {step.aspect: step.after if undo else step.before for step in steps},
        "after": {step.aspect: step.before if undo else step.after for step in steps},
    }
