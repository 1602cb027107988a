"""Forbid again that snapshots or images of an account are shared with everyone, in one region.

Facts: EC2 API Reference, GetSnapshotBlockPublicAccessState, EnableSnapshotBlockPublicAccess (``block-all-sharing``),
GetImageBlockPublicAccessState (a change takes up to ten minutes), ``ManagedBy`` (a declarative policy of the
organization holds it, and the account cannot change it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ....errors import InvalidFinding
from ....findings.claims import Claim, called_in
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

STATE, MANAGED_BY, OFF = "BlockPublicAccess", "ManagedBy", "unblocked"


@dataclass(frozen=True)
class _Kind:
    """The names that the calls for snapshots have, and those for images."""

    type: str
    people: str
    #: ``Snapshot``; boto3's names have it in lower case.
    name: str
    #: The parameter, and the key of the answer.
    key: str
    blocked: str


_KINDS = (
    _Kind("AWS::EC2::SnapshotBlockPublicAccess", "snapshots", "Snapshot", "State", "block-all-sharing"),
    _Kind("AWS::EC2::ImageBlockPublicAccess", "images", "Image", "ImageBlockPublicAccessState", "block-new-sharing"),
)


class BlockPublicSharing(Playbook):
    """Turns block public access for snapshots, or for images, of an account on again, in the region of the finding.

    Of snapshots, also those that are public already can no longer be used by others. Images that are public already
    stay so: `make_image_private` takes that back for each. Where a policy of the organization holds the setting, only
    there it can be changed.
    """

    id = "block_public_sharing"
    title = "Block public sharing of snapshots or images"
    accepts = tuple(kind.type for kind in _KINDS)
    required_fields = ("vendor_account", "vendor_region", "object_category")
    detail_note = "nothing: `object_category` says whether it is about snapshots or images"
    services = ("ec2",)
    permissions = (
        Permission("ec2:GetSnapshotBlockPublicAccessState"),
        Permission("ec2:EnableSnapshotBlockPublicAccess"),
        Permission("ec2:DisableSnapshotBlockPublicAccess"),
        Permission("ec2:GetImageBlockPublicAccessState"),
        Permission("ec2:EnableImageBlockPublicAccess"),
        Permission("ec2:DisableImageBlockPublicAccess"),
    )
    risk = "medium"
    risk_note = "Whoever uses public snapshots of the account no longer can, and nobody can publish images from it."
    undo_note = "Turns it off again. Snapshots that were public before are public again then."
    proved_on = "a double of these calls"

    def claims(self, finding: Finding) -> Sequence[Claim]:
        kind = _kind_of(finding.object_category)
        what = f"region in which sharing of {kind.people} was allowed"
        return (called_in(finding.vendor_region, what, "ec2", f"Disable{kind.name}BlockPublicAccess"),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        kind = _kind_of(finding.object_category)
        return (Target(f"{finding.vendor_account}:{finding.vendor_region}:{kind.people}", finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        account, region = aws.account.account_id, target.region
        kind = next(kind for kind in _KINDS if kind.people == target.id.rpartition(":")[2])
        resource = Resource(f"{account}:{region}:{kind.people}", kind.type, account, region)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        kind = _kind_of(resource.type)
        operation = f"get_{kind.name.lower()}_block_public_access_state"
        answer = aws.read("ec2", operation, resource.region)
        return {STATE: str(answer[kind.key]), MANAGED_BY: str(answer.get("ManagedBy") or "account")}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        state, kind = seen.state[STATE], _kind_of(seen.resource.type)
        if state != OFF:
            return ()
        if seen.state[MANAGED_BY] != "account":
            raise InvalidFinding(
                f"A policy of the organization holds whether {kind.people} of account {seen.resource.account} may be "
                "public.",
                "Change that policy in the organization's management account.",
            )
        name = kind.name.lower()
        forth = Call("ec2", f"enable_{name}_block_public_access", {kind.key: kind.blocked})
        return (Step(STATE, OFF, kind.blocked, forth, Call("ec2", f"disable_{name}_block_public_access")),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        kind = _kind_of(resource.type)
        return f"Block that {kind.people} of account {resource.account} in {resource.region} are shared with everyone."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        kind, shown = _kind_of(resource.type), state[STATE]
        return f"Public sharing of {kind.people} of account {resource.account} in {resource.region}: {shown}."


def _kind_of(category: str) -> _Kind:
    kind = next((kind for kind in _KINDS if kind.type == category), None)
    if kind is None:
        raise InvalidFinding(
            f"The finding is about neither snapshots nor images ('{category[:80]}').",
            f"Let the search set object_category to {' or '.join(kind.type for kind in _KINDS)}.",
        )
    return kind
