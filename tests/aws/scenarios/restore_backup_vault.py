"""A backup vault that lost its lock, or the policy that denies deletion, or whose policy lets an outsider in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.aws import earlier, policies
from tests.aws.scenarios import Admin, Fields


def _denies(name: str) -> dict[str, Any]:
    return {
        "Sid": "keep",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "backup:DeleteRecoveryPoint",
        "Resource": "*",
    }


def unlocked(admin: Admin, name: str) -> dict[str, Any]:
    return _vault(admin, name, "DeleteBackupVaultLockConfiguration")


def without_policy(admin: Admin, name: str) -> dict[str, Any]:
    return _vault(admin, name, "DeleteBackupVaultAccessPolicy")


def opened(admin: Admin, name: str, policy: str = "") -> dict[str, Any]:
    found = _vault(admin, name, "PutBackupVaultAccessPolicy")
    policy = policy or policies.policy(policies.public("backup:CopyIntoBackupVault", "*"))
    admin("backup").put_backup_vault_access_policy(BackupVaultName=name, Policy=policy)
    return {**found, "detail": {**found["detail"], "policy": policy}}


def _vault(admin: Admin, name: str, call: str) -> dict[str, Any]:
    admin("backup").create_backup_vault(BackupVaultName=name)
    return {"object_category": "AWS::Backup::BackupVault", "object_id": name, "detail": {"call": call}}


def past(fields: Fields) -> Sequence[Fields]:
    """The calls that had set it up, of which one let an outsider in that nobody needs."""
    name = fields["object_id"]
    outside = policies.public("backup:CopyIntoBackupVault", "*")
    policy = policies.policy(_denies(name), outside)
    lock = {"backupVaultName": name, "minRetentionDays": 7, "maxRetentionDays": "365", "changeableForDays": 3}
    return (
        earlier.call("backup", "PutBackupVaultLockConfiguration", lock),
        earlier.call("backup", "PutBackupVaultAccessPolicy", {"backupVaultName": name, "policy": policy}),
    )


def fix(admin: Admin, fields: Fields) -> None:
    """Of the plain case."""
    admin("backup").put_backup_vault_lock_configuration(
        BackupVaultName=fields["object_id"], MinRetentionDays=7, MaxRetentionDays=365
    )


def remove(admin: Admin, fields: Fields) -> None:
    admin("backup").delete_backup_vault(BackupVaultName=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    admin("backup").put_backup_vault_lock_configuration(BackupVaultName=fields["object_id"], MinRetentionDays=1)


VARIANTS = {"unlocked": unlocked, "without_policy": without_policy, "opened": opened}
SLOW = ("opened",)
