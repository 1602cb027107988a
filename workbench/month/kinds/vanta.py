"""A compliance service reads what auditors ask for, twice a day."""

from __future__ import annotations

from ..company import COMPLIANCE, GO, PROD, SECOND_VENDOR, STAGING, foreign, role
from ..month import Month

READS = (
    "iam:ListUsers",
    "iam:ListAccessKeys",
    "iam:ListMFADevices",
    "iam:GetAccountPasswordPolicy",
    "iam:GetLoginProfile",
    "iam:ListGroupsForUser",
    "s3:ListBuckets",
    "s3:GetBucketEncryption",
    "rds:DescribeDBInstances",
    "cloudtrail:DescribeTrails",
    "guardduty:ListDetectors",
    "inspector2:ListFindings",
    "ecr:DescribeImageScanFindings",
    "dynamodb:DescribeContinuousBackups",
)


def happens(month: Month) -> None:
    for account in (PROD, STAGING):
        for at in month.runs(2):
            assumed = {"roleArn": f"arn:aws:iam::{account}:role/vanta-auditor", "externalId": "a1b2"}
            month.call(at, foreign(COMPLIANCE), "sts:AssumeRole", assumed, ip=SECOND_VENDOR, agent=GO, account=account)
            for step, call in enumerate(READS):
                month.call(
                    at + step / 1500, role("vanta-auditor", "vanta", account), call, {}, ip=SECOND_VENDOR, agent=GO
                )
