"""Enable a KMS key again, which was disabled.

Facts: KMS API Reference, EnableKey, DisableKey; KMS Developer Guide, "Key states of AWS KMS keys".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.claims import Claim
from ... import keys
from ...playbook import Call, Observation, Permission, Playbook, Resource, Step, Target

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

STATE = "KeyState"


class EnableKey(Playbook):
    """Enables a KMS key that was disabled.

    A key that is scheduled for deletion, that waits for imported material, or whose key store is disconnected has other
    playbooks, or needs a person.
    """

    id = "enable_key"
    title = "Enable key"
    accepts = ("AWS::KMS::Key",)
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "nothing: `object_id` is the key's id or ARN"
    services = ("kms",)
    permissions = (
        Permission("kms:DescribeKey", keys.KEYS),
        Permission("kms:ListResourceTags", keys.KEYS),
        Permission("kms:EnableKey", keys.KEYS),
        Permission("kms:DisableKey", keys.KEYS),
    )
    risk = "low"
    risk_note = (
        "Whatever the key encrypts can be read again, by those who could before. The key policy, or the account's "
        "statement in it, has to allow the app these calls."
    )
    undo_note = "Disables the key again, if it was this app that enabled it."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (keys.changed_by(finding.object_id, "DisableKey"),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (keys.target_of(finding),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, key = keys.read_key(target, aws)
        return Observation(resource, {STATE: str(key["KeyState"])})

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        key = aws.read("kms", "describe_key", resource.region, KeyId=resource.id)["KeyMetadata"]
        return {STATE: str(key["KeyState"])}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        state, key = seen.state[STATE], {"KeyId": arn.name_of(seen.resource.id)}
        if state == "Enabled":
            return ()
        if state != "Disabled":
            raise InvalidFinding(
                f"KMS key {arn.name_of(seen.resource.id)} is not disabled, but {state}.",
                "Choose cancel_key_deletion where its deletion is scheduled; else look at the key in AWS.",
            )
        forth, back = Call("kms", "enable_key", key), Call("kms", "disable_key", key)
        return (Step(STATE, "Disabled", "Enabled", forth, back),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Enable KMS key {arn.name_of(resource.id)}, which is disabled."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"KMS key {arn.name_of(resource.id)} is {state[STATE]}."
