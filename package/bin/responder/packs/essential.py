"""Twenty to begin with."""

from __future__ import annotations

from .pack import Pack

PACK = Pack(
    "essential",
    "Essential 20",
    "What a small team should hear of first. Each finding is rare, and most of them are worth getting up for.",
    10,
    (
        "account_left_organization",
        "guardduty_disabled",
        "iam_access_key_created",
        "iam_admin_policy_attached",
        "iam_login_profile_set",
        "iam_mfa_device_removed",
        "iam_role_trusts_outsider",
        "instance_credentials_used_elsewhere",
        "kms_key_disabled_or_deleted",
        "rds_deleted_without_snapshot",
        "rds_snapshot_shared",
        "root_console_login",
        "root_credentials_changed",
        "s3_account_public_access_block_removed",
        "s3_bucket_policy_made_public",
        "s3_ransom_note_written",
        "security_group_opened_to_world",
        "snapshot_or_image_made_public",
        "trail_deleted",
        "trail_logging_stopped",
    ),
)
