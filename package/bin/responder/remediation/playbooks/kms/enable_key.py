"""Enable a KMS key again, which was disabled.

Facts: KMS API Reference, EnableKey, DisableKey; KMS Developer Guide, "Key states of AWS KMS keys".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ... import keys
from ...model import Call, Observation, Resource, Step
from ...permission import Permission

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

STATE = "KeyState"


class EnableKey(keys.KeyPlaybook):
    """Enables a KMS key that was disabled.

    A key that is scheduled for deletion, that waits for imported material, or whose key store is disconnected has other
    playbooks, or needs a person.
    """

    id = "enable_key"
    title = "Enable key"
    event_name = "DisableKey"
    permissions = (
        *keys.READING,
        Permission("kms:EnableKey", keys.KEYS),
        Permission("kms:DisableKey", keys.KEYS),
    )
    risk = "low"
    risk_note = (
        "Whatever the key encrypts can be read again, by those who could before. The key policy, or the account's "
        "statement in it, has to allow the app these calls."
    )
    undo_note = "Disables the key again, if it was this app that enabled it."

    def state_of(self, key: Mapping[str, Any]) -> Mapping[str, Any]:
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
