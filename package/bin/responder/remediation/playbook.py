"""What every playbook is: a remediation that can plan, apply, verify and undo itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Tuple

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..findings.finding import Finding
    from ..settings.model import Safety


@dataclass(frozen=True)
class Permission:
    """One IAM action a playbook needs and the narrowest resource it can be granted on."""

    action: str
    resource: str = "*"
    #: Operator, key and value of a condition it can be narrowed by; empty for none.
    condition: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """One AWS API call as data: boto3 service name, operation as in boto3 (snake_case), parameters."""

    service: str
    operation: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """One planned AWS change. Plain data: printed in tickets, stored as evidence, and enough to undo it."""

    #: ARN if the resource has one, else its id.
    resource: str
    #: AWS resource type, as in ``AWS::EC2::SecurityGroup``.
    resource_type: str
    account: str
    region: str
    #: One sentence for people: what will be done and why.
    summary: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    calls: Tuple[Call, ...]
    undo_calls: Tuple[Call, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    #: Principals this change touches (ARN, name, key id): matched against the protected ones.
    principals: Tuple[str, ...] = ()

    def to_dict(self) -> Dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Change:
        fields = dict(data)
        for name in ("calls", "undo_calls"):
            fields[name] = tuple(Call(**call) for call in fields.get(name, ()))
        fields["principals"] = tuple(fields.get("principals", ()))
        return cls(**fields)


@dataclass(frozen=True)
class Verification:
    """What was read back after a change (or its undo)."""

    ok: bool
    #: One sentence: what the service says now.
    observed: str
    state: Mapping[str, Any] = field(default_factory=dict)


class Playbook(ABC):
    """A remediation. Subclasses are found by ``playbooks.registry``; the file name is the id."""

    id: str
    title: str
    #: AWS resource types (``object_category``) it accepts; empty accepts any.
    accepts: Tuple[str, ...]
    #: Finding fields it cannot do without.
    needs: Tuple[str, ...]
    permissions: Tuple[Permission, ...]
    #: low | medium | high: what may break when it acts on something legitimate; ``risk_note`` says what.
    risk: str
    risk_note: str
    undoable: bool = True

    @abstractmethod
    def plan(self, finding: Finding, aws: Aws, safety: Safety) -> List[Change]:
        """Read the present state and return the changes needed; none when the world is already right.

        Reads only. Raises NotFound when the resource is gone, InvalidFinding when the finding names none.
        """

    @abstractmethod
    def apply(self, change: Change, aws: Aws) -> None:
        """Make one change. Idempotent: succeeds quietly where it is already made."""

    @abstractmethod
    def verify(self, change: Change, aws: Aws) -> Verification:
        """Read back whether the change is in force."""

    @abstractmethod
    def undo(self, change: Change, aws: Aws) -> None:
        """Restore ``change.before``, the remembered state and not an ideal one. Idempotent."""

    @abstractmethod
    def verify_undone(self, change: Change, aws: Aws) -> Verification:
        """Read back whether ``change.before`` is in force again."""
