"""Data that is deleted, encrypted, or made impossible to restore."""

from __future__ import annotations

from .pack import Pack

PACK = Pack(
    "ransomware",
    "Ransomware",
    "Data, keys and backups that are deleted, encrypted by somebody else's key, or left without protection.",
    20,
    (
        "backups_or_volumes_deleted_in_bulk",
        "kms_key_disabled_or_deleted",
        "managed_database_deleted",
        "managed_database_weakened",
        "rds_backup_deleted",
        "rds_deleted_without_snapshot",
        "rds_master_password_changed",
        "rds_protection_removed",
        "s3_bucket_encryption_key_of_outsider",
        "s3_lifecycle_deletes_soon",
        "s3_object_lock_weakened",
        "s3_objects_deleted_in_bulk",
        "s3_objects_encrypted_by_outsider",
        "s3_ransom_note_written",
        "s3_versioning_suspended",
    ),
)
