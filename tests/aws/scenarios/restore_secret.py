"""A secret that is scheduled for deletion."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields


def deleted(admin: Admin, name: str) -> dict[str, Any]:
    admin("secretsmanager").create_secret(Name=name, SecretString="x")
    admin("secretsmanager").delete_secret(SecretId=name, RecoveryWindowInDays=7)
    return {"object_category": "AWS::SecretsManager::Secret", "object_id": name}


def fix(admin: Admin, fields: Fields) -> None:
    admin("secretsmanager").restore_secret(SecretId=fields["object_id"])


def remove(admin: Admin, fields: Fields) -> None:
    fix(admin, fields)
    admin("secretsmanager").delete_secret(SecretId=fields["object_id"], ForceDeleteWithoutRecovery=True)


drift = None
VARIANTS = {"deleted": deleted}
