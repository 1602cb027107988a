"""Restore a secret that is scheduled for deletion.

Facts: Secrets Manager API Reference, RestoreSecret, DescribeSecret (``DeletedDate``), DeleteSecret (7 to 30 days; with
``ForceDeleteWithoutRecovery`` nothing can be restored).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....findings.claims import Claim, target_of
from ... import secrets
from ...model import Call, Observation, Resource, Step
from ...permission import Permission

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

DELETION = "Deletion"


class RestoreSecret(secrets.SecretPlaybook):
    """Cancels the scheduled deletion of a secret.

    A secret that was deleted without a recovery window is gone. Undo is left to people: the app has no right to delete
    secrets, and should have none.
    """

    id = "restore_secret"
    title = "Restore secret"
    accepts = ("AWS::SecretsManager::Secret",)
    permissions = (
        Permission("secretsmanager:DescribeSecret", secrets.SECRETS),
        Permission("secretsmanager:RestoreSecret", secrets.SECRETS),
    )
    risk = "low"
    risk_note = "The secret can be read again, by those who could before, and costs what it did."
    undoable = False
    undo_note = ""

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (target_of(finding.object_id, "secretsmanager", ("DeleteSecret",), "secretId"),)

    def state_of(self, secret: Mapping[str, Any]) -> Mapping[str, Any]:
        return {DELETION: "scheduled" if secret.get("DeletedDate") else None}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        if seen.state[DELETION] is None:
            return ()
        restore = Call("secretsmanager", "restore_secret", {"SecretId": seen.resource.id})
        return (Step(DELETION, seen.state[DELETION], None, restore),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Restore secret {arn.name_of(resource.id)}, which is scheduled for deletion."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        is_going = "is scheduled for deletion" if state[DELETION] else "is not scheduled for deletion"
        return f"Secret {arn.name_of(resource.id)} {is_going}."
