"""A secret that rotates by itself, and that may be known outside."""

from __future__ import annotations

import time
from typing import Any

from tests.aws.scenarios import Admin, Fields


def known_outside(admin: Admin, name: str) -> dict[str, Any]:
    admin("secretsmanager").create_secret(Name=name, SecretString="x")
    admin("secretsmanager").rotate_secret(SecretId=name, RotationRules={"AutomaticallyAfterDays": 30})
    rotated = admin("secretsmanager").describe_secret(SecretId=name)["LastRotatedDate"].timestamp()
    return {"object_category": "AWS::SecretsManager::Secret", "object_id": name, "last_time": rotated}


def fix(admin: Admin, fields: Fields) -> None:
    # AWS says to the second when a secret was rotated.
    while time.time() < fields["last_time"] + 1:
        time.sleep(0.05)
    admin("secretsmanager").rotate_secret(SecretId=fields["object_id"])


def remove(admin: Admin, fields: Fields) -> None:
    admin("secretsmanager").delete_secret(SecretId=fields["object_id"], ForceDeleteWithoutRecovery=True)


drift = None
VARIANTS = {"known_outside": known_outside}
