"""Rotate a secret that may be known outside, by the rotation that it has.

Facts: Secrets Manager API Reference, RotateSecret (``ClientRequestToken`` becomes the id of the new version; it returns
before the rotation has ended; without a rotation function it is refused), DescribeSecret (``RotationEnabled``,
``VersionIdsToStages``, ``LastRotatedDate``).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.claims import Claim, resource_at
from ... import secrets
from ...model import Call, Observation, Resource, Step, plain
from ...permission import Permission

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

VERSION, ROTATES, ROTATED = "CurrentVersion", "RotationEnabled", "LastRotatedDate"
#: Of the ids that rotations get, so that the same finding asks for the same version again.
_OURS = uuid.UUID("5b1f0a62-8a0c-4b8e-9f0e-2f6f4d7f8f11")


class RotateSecret(secrets.SecretPlaybook):
    """Rotates a secret at once, by the rotation that is set up for it.

    A secret without rotation is left to people: nobody else knows what it opens and how to change it there. A secret
    that was rotated since the finding's last event is left alone. The app never reads the value of a secret, old or
    new. It cannot be undone: the former value is what is known outside.
    """

    id = "rotate_secret"
    title = "Rotate secret"
    accepts = ("AWS::SecretsManager::Secret", "AWS::SECRETSMANAGER::ResourcePolicy")
    permissions = (
        Permission("secretsmanager:DescribeSecret", secrets.SECRETS),
        Permission("secretsmanager:RotateSecret", secrets.SECRETS),
    )
    risk = "medium"
    risk_note = (
        "Whoever keeps the value instead of reading the secret again can no longer sign in with it. Where the rotation "
        "function fails, the old value stays, and the playbook says that AWS does not show the change."
    )
    undoable = False
    undo_note = ""

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (resource_at(finding.object_id, "secretsmanager", "secretId"),)

    def state_of(self, secret: Mapping[str, Any]) -> Mapping[str, Any]:
        stages = secret.get("VersionIdsToStages") or {}
        current = next((version for version, names in stages.items() if "AWSCURRENT" in names), None)
        rotated = secret.get("LastRotatedDate")
        when = rotated.timestamp() if isinstance(rotated, datetime) else None
        return dict(plain({VERSION: current, ROTATES: bool(secret.get("RotationEnabled")), ROTATED: when}))

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        name, now = seen.resource.id, seen.state[VERSION]
        about = "|".join((name, finding.dedup_key, *sorted(finding.event_ids)))
        wanted = str(uuid.uuid5(_OURS, about))
        rotated = seen.state[ROTATED]
        if now == wanted or (rotated and finding.last_time and rotated > finding.last_time):
            return ()
        if not seen.state[ROTATES]:
            raise InvalidFinding(
                f"Secret {arn.name_of(name)} has no rotation that could be started.",
                "Change it where it is used, then put the new value into the secret.",
            )
        rotate = {"SecretId": name, "ClientRequestToken": wanted, "RotateImmediately": True}
        return (Step(VERSION, now, wanted, Call("secretsmanager", "rotate_secret", rotate)),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Rotate secret {arn.name_of(resource.id)} now, by the rotation that it has."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"Version {state[VERSION] or 'none'} of secret {arn.name_of(resource.id)} is the current one."
