"""Data that leaves, and what lets it."""

from __future__ import annotations

from .pack import Pack

PACK = Pack(
    "exfiltration",
    "Exfiltration",
    "Data that is made public or shared with other accounts, and secrets that are read in bulk.",
    30,
    (
        "instance_credentials_used_elsewhere",
        "lambda_function_shared_with_outside",
        "lambda_url_made_public",
        "managed_snapshot_or_image_shared",
        "many_parameters_decrypted",
        "many_secrets_read",
        "network_joined_with_outside_account",
        "rds_made_public",
        "rds_snapshot_exported",
        "rds_snapshot_shared",
        "resource_permission_granted_outside",
        "resource_policy_made_public",
        "resource_policy_shared_with_outside_account",
        "s3_access_point_opened",
        "s3_account_public_access_block_removed",
        "s3_bucket_acl_made_public",
        "s3_bucket_policy_made_public",
        "s3_bucket_replicated_outside",
        "s3_bucket_shared_with_outside_account",
        "s3_public_access_block_removed",
        "snapshot_or_image_made_public",
        "snapshot_or_image_shared_outside",
        "snapshot_public_block_disabled",
        "traffic_mirrored",
        "windows_passwords_requested",
    ),
)
