"""AWS Config reads everything there is, again and again, by its service-linked role."""

from __future__ import annotations

from ..company import DEV, PROD, STAGING, linked
from ..month import Month

READS = (
    "ec2:DescribeInstances",
    "s3:GetBucketPolicy",
    "iam:ListUsers",
    "iam:ListRoles",
    "kms:GetKeyPolicy",
    "lambda:GetPolicy20150331v2",
    "rds:DescribeDBSnapshots",
    "s3:GetBucketAcl",
    "ec2:DescribeSecurityGroups",
)


def happens(month: Month) -> None:
    for account, a_day in ((PROD, 90), (STAGING, 60), (DEV, 30)):
        who = linked("config", "AWSServiceRoleForConfig", account)
        for at in month.runs(a_day):
            month.call(
                at, who, month.chance.choice(READS), {}, error="AccessDenied" if month.chance.random() < 0.05 else ""
            )
