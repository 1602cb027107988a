"""An agentless scanner: it snapshots volumes, shares the snapshots with its vendor's account, and deletes them."""

from __future__ import annotations

from ..company import BOTO, PROD, SCANNER, SECOND_VENDOR, STAGING, digest, foreign, role
from ..month import Month

READS = (
    "iam:ListUsers",
    "iam:ListRoles",
    "iam:ListPolicies",
    "iam:GetAccountAuthorizationDetails",
    "s3:ListBuckets",
    "s3:GetBucketPolicy",
    "s3:GetBucketAcl",
    "ec2:DescribeInstances",
    "ec2:DescribeSnapshots",
    "kms:ListKeys",
    "kms:GetKeyPolicy",
    "lambda:ListFunctions20150331",
    "eks:ListClusters",
    "rds:DescribeDBInstances",
    "secretsmanager:ListSecrets",
    "ecr:DescribeRepositories",
    "organizations:ListAccounts",
    "sso:ListPermissionSets",
)


def happens(month: Month) -> None:
    for account in (PROD, STAGING):
        for number, at in enumerate(month.runs(1, 1, 5)):
            month.call(
                at,
                foreign(SCANNER),
                "sts:AssumeRole",
                {"roleArn": f"arn:aws:iam::{account}:role/WizAccess-Role", "externalId": "c0ffee"},
                ip=SECOND_VENDOR,
                agent=BOTO,
                account=account,
            )
            who = role("WizAccess-Role", "wiz-scan", account)
            for step, call in enumerate(READS):
                month.call(at + step / 900, who, call, {}, ip=SECOND_VENDOR, agent=BOTO)
            for disk in range(6):
                snapshot = {"snapshotId": f"snap-{digest(f'wiz{account}{number}{disk}')}"}
                shared = {
                    **snapshot,
                    "attributeType": "CREATE_VOLUME_PERMISSION",
                    "createVolumePermission": {"add": {"items": [{"userId": SCANNER}]}},
                }
                month.steps(
                    at + 0.05 + disk / 200,
                    who,
                    (
                        ("ec2:CreateSnapshot", {"volumeId": f"vol-{disk}"}),
                        ("ec2:ModifySnapshotAttribute", shared),
                        ("ec2:DeleteSnapshot", snapshot),
                    ),
                    seconds=300,
                    ip=SECOND_VENDOR,
                    agent=BOTO,
                )
