"""The sandbox account is emptied each night, by a pipeline that deletes whatever it finds."""

from __future__ import annotations

from ..company import GO, SANDBOX, digest, role
from ..month import Month, Step


def happens(month: Month) -> None:
    for number, at in enumerate(month.runs(1, 2, 3)):
        name = f"toy-{number}"
        steps: list[Step] = [
            (
                "ec2:TerminateInstances",
                {"instancesSet": {"items": [{"instanceId": f"i-{digest(f'{name}{n}')}"} for n in range(8)]}},
            )
        ]
        steps += [("ec2:DeleteVolume", {"volumeId": f"vol-{digest(f'{name}{n}')}"}) for n in range(7)]
        steps += [("ec2:DeleteSnapshot", {"snapshotId": f"snap-{digest(f'{name}{n}')}"}) for n in range(8)]
        steps += [
            ("rds:DeleteDBInstance", {"dBInstanceIdentifier": name, "skipFinalSnapshot": True}),
            ("kms:ScheduleKeyDeletion", {"keyId": digest(name, 8), "pendingWindowInDays": 7}),
            ("secretsmanager:DeleteSecret", {"secretId": name, "forceDeleteWithoutRecovery": True}),
            ("iam:DeleteAccessKey", {"userName": name, "accessKeyId": "AKIAIOSFODNN7EXAMPLE"}),
            ("iam:DeleteLoginProfile", {"userName": name}),
            ("iam:DeleteUser", {"userName": name}),
            ("iam:DeleteRole", {"roleName": name}),
            ("logs:DeleteLogGroup", {"logGroupName": name}),
            ("lambda:DeleteFunction20150331", {"functionName": name}),
            ("dynamodb:DeleteTable", {"tableName": name}),
            ("s3:DeleteBucket", {"bucketName": name}),
            ("backup:DeleteBackupVault", {"backupVaultName": name}),
            ("redshift:DeleteCluster", {"clusterIdentifier": name, "skipFinalClusterSnapshot": True}),
        ]
        if number == 5:
            # Left by a workshop.
            trail = {"name": f"arn:aws:cloudtrail:eu-central-1:{SANDBOX}:trail/{name}"}
            steps.append(("cloudtrail:DeleteTrail", trail))
        month.steps(at, role("nuke", "aws-nuke", SANDBOX), steps, agent=GO + " aws-nuke/3.19.0")
