"""Cancel the scheduled deletion of a KMS key.

Facts: KMS API Reference, CancelKeyDeletion (the key is Disabled then), EnableKey, ScheduleKeyDeletion; KMS Developer
Guide, "Key states of AWS KMS keys", "Deleting multi-Region keys" (a primary waits for its replicas).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....findings.past_calls import PastCalls
from ... import keys
from ...model import Call, Observation, Resource, Step
from ...permission import Permission

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

DELETION, ENABLED, STATE = "Deletion", "Enabled", "KeyState"
SCHEDULED = ("PendingDeletion", "PendingReplicaDeletion")


class CancelKeyDeletion(keys.KeyPlaybook):
    """Cancels the scheduled deletion of a KMS key, and enables the key again, which AWS leaves disabled.

    A key that the last call before the finding had disabled, as the CloudTrail index has it, stays disabled. Replicas
    of the key in other regions have deletions of their own. Undo is left to people: the app has no right to schedule
    the deletion of a key, and should have none.
    """

    id = "cancel_key_deletion"
    title = "Cancel key deletion"
    event_name = "ScheduleKeyDeletion"
    permissions = (
        *keys.READING,
        Permission("kms:CancelKeyDeletion", keys.KEYS),
        Permission("kms:EnableKey", keys.KEYS),
    )
    risk = "low"
    risk_note = (
        "Whatever the key encrypts can be read again, by those who could before. The key costs what it did. The key "
        "policy, or the account's statement in it, has to allow the app these calls."
    )
    undoable = False
    undo_note = ""

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls(("DisableKey", "EnableKey"), arn.name_of(finding.object_id))

    def state_of(self, key: Mapping[str, Any]) -> Mapping[str, Any]:
        # The day is in no state: nothing is compared with it.
        state = str(key["KeyState"])
        return {DELETION: "scheduled" if state in SCHEDULED else None, ENABLED: state == "Enabled", STATE: state}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        key = {"KeyId": arn.name_of(seen.resource.id)}
        steps = []
        if seen.state[DELETION]:
            steps.append(Step(DELETION, seen.state[DELETION], None, Call("kms", "cancel_key_deletion", key)))
        was_disabled = bool(seen.past) and seen.past[0].event_name == "DisableKey"
        # Also where the deletion was canceled already: that leaves a key disabled.
        if seen.state[STATE] in (*SCHEDULED, "Disabled") and not was_disabled:
            steps.append(Step(ENABLED, False, True, Call("kms", "enable_key", key)))
        return steps

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        done = {DELETION: "cancel its deletion", ENABLED: "enable it"}
        return f"Of KMS key {arn.name_of(resource.id)}: {' and '.join(done[step.aspect] for step in steps)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        what = "is scheduled for deletion" if state[DELETION] else "is enabled" if state[ENABLED] else "is disabled"
        return f"KMS key {arn.name_of(resource.id)} {what}."
