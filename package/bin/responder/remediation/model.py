"""What a remediation reads of AWS and plans, as plain data: it is printed in tickets, approved by people, stored."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ..findings.cloudtrail import CloudTrailRecord

#: Stands in texts of a call's parameters for the time at which it is made: a plan says the same each time it is made
#: anew, so that people approve one plan, and the call has the time that counts (UTC, as in 2026-11-28T21:48:01Z).
#: Only where a playbook ``fills`` its calls: other texts may be an attacker's, and go out as they stand.
TIME_OF_WRITE = "${responder:time-of-write}"
#: Is so the value that stands for the key under which our evidence has the write: what is made bears it, and nobody
#: knew it before.
KEY_OF_WRITE = "${responder:key-of-write}"


@dataclass(frozen=True)
class Call:
    """One AWS API call as data: boto3 service name, operation as in boto3 (snake_case), parameters."""

    service: str
    operation: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def api_name(self) -> str:
        """The operation as the API and CloudTrail have it, but for letters of abbreviations: ``UpdateAccessKey``."""
        return "".join(part[:1].upper() + part[1:] for part in self.operation.split("_"))

    def parameters_at(self, epoch: float, key: str) -> dict[str, Any]:
        """The parameters for a call that is made at this time, for the write that evidence has under this key."""
        return {name: _filled(value, utc(epoch), key) for name, value in self.parameters.items()}


def utc(epoch: float) -> str:
    """As IAM and people read it: ``2026-11-28T21:48:01Z``. Such texts are in the order of time."""
    return datetime.fromtimestamp(epoch, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _filled(value: Any, time: str, key: str) -> Any:
    if isinstance(value, str):
        return key if value == KEY_OF_WRITE else value.replace(TIME_OF_WRITE, time)
    if isinstance(value, Mapping):
        return {name: _filled(inner, time, key) for name, inner in value.items()}
    return [_filled(inner, time, key) for inner in value] if isinstance(value, (list, tuple)) else value


@dataclass(frozen=True)
class Target:
    """What to read: id or ARN, and the region to ask first (empty: it lives in none)."""

    id: str
    region: str = ""
    #: Of a composed playbook: which playbook's part it is.
    part: str = ""


#: Of a resource: what earlier versions did not know.
_LATER = ("part", "tags_behind", "behind", "unique_id")


@dataclass(frozen=True)
class Resource:
    """What AWS says of a resource now. Guardrails decide on it, so nothing in it is a finding's claim."""

    #: ARN if the resource has one, else its id.
    id: str
    #: AWS resource type, as in ``AWS::EC2::SecurityGroup``.
    type: str
    #: The account that owns it.
    account: str
    region: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    #: Principals that a change of it touches: ARNs and access key ids.
    principals: tuple[str, ...] = ()
    #: Access keys that these principals have: by them it is known whether they are ours.
    access_keys: tuple[str, ...] = ()
    #: Tags of what a change of it touches beside it, such as the instance behind a network interface.
    tags_behind: Mapping[str, str] = field(default_factory=dict)
    #: ARNs of what a change of it touches beside it, such as the bucket of an access point, or another one that it has.
    behind: tuple[str, ...] = ()
    #: Of a composed playbook: which playbook's part a change of it is.
    part: str = ""
    #: By which AWS tells it from another one that is made under its name or ARN later; empty where nothing does.
    unique_id: str = ""

    @property
    def target(self) -> Target:
        return Target(self.id, self.region, self.part)

    def to_dict(self) -> dict[str, Any]:
        """Without what says nothing: another search head may run an earlier version that does not know it."""
        found: dict[str, Any] = plain(asdict(self))
        return {name: value for name, value in found.items() if value or name not in _LATER}

    def is_another(self, since: Resource) -> bool:
        """Whether the one of its name that is there since is another: it was deleted, and made anew by somebody."""
        return bool(self.unique_id and since.unique_id and self.unique_id != since.unique_id)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Resource:
        lists = {name: tuple(data.get(name) or ()) for name in ("principals", "access_keys", "behind")}
        return cls(**{**data, **lists})


class Mark(NamedTuple):
    """By what a thing shows which write has made it."""

    #: ``KEY_OF_WRITE`` as the thing bears it: anybody may have written it there.
    key: str
    #: What AWS calls the thing.
    id: str


@dataclass(frozen=True)
class Observation:
    """A resource and its state, as read in one go.

    A state is plain data: one value for each aspect that a call can change by itself. What is not there has none.
    """

    resource: Resource
    state: Mapping[str, Any]
    #: What the playbook asked of earlier days (``Playbook.past``), newest first.
    past: Sequence[CloudTrailRecord] = ()
    #: Accounts that are not outside (``Playbook.asks_accounts``): this one, the organization's, and trusted ones.
    known_accounts: frozenset[str] = frozenset()
    #: Aspects with a mark (``Playbook.marks``) that a write of ours has made, as our evidence proves.
    own: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Measured:
    """What a playbook can tell of a resource beside its state; None is not known, and beyond every threshold."""

    #: Epoch seconds.
    created_at: float | None = None
    #: Such as the network interfaces with a security group.
    uses: int | None = None


@dataclass(frozen=True)
class Step:
    """One write: an aspect of the state before and after it, the call that makes it so, the call that takes it back."""

    aspect: str
    before: Any
    after: Any
    call: Call
    undo: Call | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Step:
        undo = data["undo"]
        return cls(**{**data, "call": Call(**data["call"]), "undo": Call(**undo) if undo else None})


@dataclass(frozen=True)
class Change:
    """What is planned for one resource. Plain data: printed in tickets, approved by people, stored."""

    resource: Resource
    #: One sentence for people: what will be done.
    summary: str
    steps: tuple[Step, ...]
    #: What else was read and is worth keeping with the evidence.
    context: Mapping[str, Any] = field(default_factory=dict)
    #: Sentences for people: who would notice, as far as AWS tells. It goes on changing, so no approval rests on it.
    blast_radius: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = plain(asdict(self))
        return {**found, "resource": self.resource.to_dict()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Change:
        return cls(
            resource=Resource.from_dict(data["resource"]),
            summary=str(data["summary"]),
            steps=tuple(Step.from_dict(step) for step in data["steps"]),
            context=dict(data["context"]),
            blast_radius=tuple(data.get("blast_radius") or ()),
        )


def epoch_of(time: Any) -> float | None:
    """Epoch seconds of a time as boto3 or an API writes it (``2024-01-01T00:00:00.000Z``); None for anything else."""
    if isinstance(time, str):
        try:
            time = datetime.fromisoformat(time.replace("Z", "+00:00"))
        except ValueError:
            return None
    is_clear = isinstance(time, datetime) and time.tzinfo is not None
    return float(time.timestamp()) if is_clear else None


def plain(value: Any) -> Any:
    """A value as JSON has it: boto3 gives times and tuples."""
    return json.loads(json.dumps(value, default=str))


def tags_of(pairs: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """AWS's list of ``{"Key", "Value"}`` as a mapping."""
    return {pair["Key"]: pair.get("Value", "") for pair in pairs}
