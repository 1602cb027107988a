"""A secret that everybody may read, beside the owner or alone."""

from __future__ import annotations

from typing import Any

from tests.aws import policies
from tests.aws.scenarios import Admin, Fields

PUBLIC = policies.public("secretsmanager:GetSecretValue")
OWN = policies.own("secretsmanager:*")


def beside_others(admin: Admin, name: str) -> dict[str, Any]:
    return _secret(admin, name, OWN, PUBLIC)


def alone(admin: Admin, name: str) -> dict[str, Any]:
    return _secret(admin, name, PUBLIC)


def _secret(admin: Admin, name: str, *statements: dict[str, Any]) -> dict[str, Any]:
    admin("secretsmanager").create_secret(Name=name, SecretString="x")
    _put(admin, name, *statements)
    category = "AWS::SECRETSMANAGER::ResourcePolicy"
    return {"object_category": category, "object_id": name, "detail": {"statements": [dict(PUBLIC)]}}


def _put(admin: Admin, name: str, *statements: dict[str, Any]) -> None:
    admin("secretsmanager").put_resource_policy(SecretId=name, ResourcePolicy=policies.policy(*statements))


def fix(admin: Admin, fields: Fields) -> None:
    admin("secretsmanager").delete_resource_policy(SecretId=fields["object_id"])


def remove(admin: Admin, fields: Fields) -> None:
    admin("secretsmanager").delete_secret(SecretId=fields["object_id"], ForceDeleteWithoutRecovery=True)


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields["object_id"], {**OWN, "Sid": "Other"})


VARIANTS = {"beside_others": beside_others, "alone": alone}
