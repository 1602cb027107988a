"""What the CloudTrail input asks of AWS: its queue, its dead-letter queue, and the objects that they name."""

from __future__ import annotations

from ..remediation.permission import Permission
from .permission_set import PermissionSet

_QUEUE, _BUCKET = "arn:aws:sqs:*:*:*", "arn:aws:s3:::*"

PERMISSION_SET = PermissionSet(
    id="cloudtrail-input",
    title="The CloudTrail input",
    services=("sqs", "s3"),
    permissions=(
        Permission("sqs:ReceiveMessage", _QUEUE),
        Permission("sqs:DeleteMessage", _QUEUE),
        Permission("sqs:ChangeMessageVisibility", _QUEUE),
        Permission("sqs:GetQueueAttributes", _QUEUE),
        # To the dead-letter queue, and back from it.
        Permission("sqs:SendMessage", _QUEUE),
        Permission("s3:GetObject", f"{_BUCKET}/*"),
        # Where the bucket keeps versions: the one that the message names.
        Permission("s3:GetObjectVersion", f"{_BUCKET}/*", implied=True),
        # Without it S3 says of an object that is gone that access is denied.
        Permission("s3:ListBucket", _BUCKET),
        Permission("kms:Decrypt", "arn:aws:kms:*:*:key/*", implied=True),
    ),
)
