"""To look into the pipeline and to validate its log files. A message that is looked at is received and given back."""

from __future__ import annotations

from ..remediation.permission import Permission
from .permission_set import PermissionSet

PERMISSION_SET = PermissionSet(
    "peek",
    "Look into queues and log files, and validate log files",
    ("cloudtrail", "cloudwatch", "ec2", "organizations", "s3", "sns", "sqs"),
    (
        Permission("sqs:ListQueues"),
        Permission("sqs:GetQueueAttributes", "arn:aws:sqs:*:*:*"),
        Permission("sqs:ReceiveMessage", "arn:aws:sqs:*:*:*"),
        Permission("sqs:ChangeMessageVisibility", "arn:aws:sqs:*:*:*"),
        # CloudWatch grants it on everything or not at all; without it the age of the oldest message is not known.
        Permission("cloudwatch:GetMetricData", optional=True),
        Permission("sns:ListSubscriptions"),
        Permission("sns:GetSubscriptionAttributes", "arn:aws:sns:*:*:*"),
        Permission("s3:ListBucket", "arn:aws:s3:::*", events=("ListObjects",)),
        Permission("s3:GetObject", "arn:aws:s3:::*/AWSLogs/*"),
        Permission("s3:GetObjectVersion", "arn:aws:s3:::*/AWSLogs/*", events=("GetObject",), implied=True),
        Permission("kms:Decrypt", "arn:aws:kms:*:*:key/*", implied=True),
        Permission("cloudtrail:DescribeTrails"),
        Permission("cloudtrail:ListPublicKeys"),
        # Where they lack, validation says what it does not know.
        Permission("ec2:DescribeRegions", optional=True),
        Permission("organizations:ListAccounts", optional=True),
    ),
)
