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
from ...playbook import Call, Observation, Permission, Playbook, Resource, Step, Target

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

DELETION = "Deletion"


class RestoreSecret(Playbook):
    """Cancels the scheduled deletion of a secret.

    A secret that was deleted without a recovery window is gone. Undo is left to people: the app has no right to delete
    secrets, and should have none.
    """

    id = "restore_secret"
    title = "Restore secret"
    accepts = ("AWS::SecretsManager::Secret",)
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "nothing: `object_id` is the secret's name or ARN"
    services = ("secretsmanager",)
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

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (secrets.target_of(finding),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, found = secrets.read_secret(target, aws)
        return Observation(resource, _state(found))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return _state(aws.read("secretsmanager", "describe_secret", resource.region, SecretId=resource.id))

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


def _state(secret: Mapping[str, Any]) -> dict[str, Any]:
    return {DELETION: "scheduled" if secret.get("DeletedDate") else None}
