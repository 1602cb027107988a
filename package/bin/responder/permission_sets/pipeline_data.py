"""What it takes to delete a pipeline's data, besides taking it down: every file, the bucket, and the key."""

from __future__ import annotations

from ..remediation.permission import Permission
from .permission_set import PermissionSet

_TAGGED = ("Null", "aws:ResourceTag/cloudtrail-responder:pipeline", "false")

PERMISSION_SET = PermissionSet(
    id="provision-delete-data",
    title="Delete a pipeline's bucket with every file, and its key",
    services=("kms", "s3"),
    is_routine=False,
    permissions=(
        Permission("kms:ScheduleKeyDeletion", "arn:aws:kms:*:*:key/*", _TAGGED),
        *(Permission(f"s3:{name}", "arn:aws:s3:::*") for name in ("DeleteBucket", "ListBucketVersions")),
        Permission("s3:DeleteObject", "arn:aws:s3:::*/*"),
        # Asked for within DeleteObjects, where a version is named.
        Permission("s3:DeleteObjectVersion", "arn:aws:s3:::*/*", implied=True),
    ),
)
