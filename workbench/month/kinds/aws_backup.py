"""AWS Backup: snapshots and recovery points, copied to the recovery account, deleted when they are old."""

from __future__ import annotations

from ..company import RECOVERY, arn, digest, role, service, through
from ..month import Month


def happens(month: Month) -> None:
    who = through(
        role("AWSBackupDefaultServiceRole", "AWSBackup-AWSBackupDefaultServiceRole", path="service-role/"), "backup"
    )
    for number, at in enumerate(month.runs(1, 1, 2)):
        for disk in range(8):
            month.call(at, who, "ec2:CreateSnapshot", {"volumeId": f"vol-{digest(str(disk))}"})
            month.call(
                at + 0.01,
                who,
                "ec2:CreateTags",
                {"tagSet": {"items": [{"key": "aws:backup:source-resource", "value": "1"}]}},
            )
            month.call(at + 0.5, who, "ec2:DeleteSnapshot", {"snapshotId": f"snap-{digest(f'{number}{disk}')}"})
        month.call(
            at,
            who,
            "rds:CreateDBSnapshot",
            {"dBInstanceIdentifier": "shop", "dBSnapshotIdentifier": f"awsbackup-{number}"},
        )
        month.call(at, who, "rds:DeleteDBSnapshot", {"dBSnapshotIdentifier": f"awsbackup-{number - 30}"})
        for done in (
            "BackupJobStarted",
            "BackupJobCompleted",
            "CopyJobStarted",
            "CopyJobCompleted",
            "RecoveryPointDeleted",
        ):
            month.call(
                at,
                service("backup"),
                f"backup:{done}",
                eventType="AwsServiceEvent",
                serviceEventDetails={"backupVaultName": arn("backup", "vault:daily", RECOVERY)},
            )
