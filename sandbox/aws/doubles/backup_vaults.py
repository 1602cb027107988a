"""What moto lacks of AWS Backup: access policies of vaults.

Facts: AWS Backup API Reference, GetBackupVaultAccessPolicy and DeleteBackupVaultAccessPolicy
(``ResourceNotFoundException`` where there is no such vault, or to get, no policy), PutBackupVaultAccessPolicy
(``InvalidParameterValueException`` for what is no policy). Vaults and their locks are moto's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.backup.models import backup_backends

from sandbox.aws.double import Answer, Refused, World


def get_policy(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    vault, kept = _vault(given, world), _policies(world)
    if vault.backup_vault_arn not in kept:
        raise Refused("ResourceNotFoundException", "Backup vault has no access policy.")
    return {
        "BackupVaultName": vault.backup_vault_name,
        "BackupVaultArn": vault.backup_vault_arn,
        "Policy": kept[vault.backup_vault_arn],
    }


def put_policy(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    vault, text = _vault(given, world), str(given.get("Policy") or "")
    try:
        is_policy = bool(json.loads(text)["Statement"])
    except (ValueError, TypeError, KeyError):
        is_policy = False
    if not is_policy:
        raise Refused("InvalidParameterValueException", "The policy is not valid.")
    _policies(world)[vault.backup_vault_arn] = text
    return {}


def delete_policy(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _policies(world).pop(_vault(given, world).backup_vault_arn, None)
    return {}


def _vault(given: Mapping[str, Any], world: World) -> Any:
    vaults = backup_backends[world.account][world.region].vaults
    if given["BackupVaultName"] not in vaults:
        raise Refused("ResourceNotFoundException", f"There is no vault {given['BackupVaultName']}.")
    return vaults[given["BackupVaultName"]]


def _policies(world: World) -> dict[str, str]:
    """By the vault's ARN."""
    kept: dict[str, str] = world.keep("backup_vault_policies")
    return kept


DOUBLES: Mapping[tuple[str, str], Answer] = {
    ("backup", "DeleteBackupVaultAccessPolicy"): delete_policy,
    ("backup", "GetBackupVaultAccessPolicy"): get_policy,
    ("backup", "PutBackupVaultAccessPolicy"): put_policy,
}
