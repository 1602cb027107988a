"""DataSync, Transfer Family and DMS run by their schedules."""

from __future__ import annotations

from ..company import role, service
from ..month import Month


def happens(month: Month) -> None:
    who = role("nightly-transfer", "nightly-transfer")
    for at in month.runs(1, 22, 24):
        month.steps(
            at,
            who,
            (
                ("datasync:StartTaskExecution", {"taskArn": "arn:aws:datasync:eu-central-1:111122223333:task/task-1"}),
                ("datasync:DescribeTaskExecution", {}),
                ("dms:StartReplicationTask", {"replicationTaskArn": "1"}),
            ),
        )
        for number in range(5):
            month.data(
                at + 0.1,
                role("partner-sftp-access", "partner@s-1.server.transfer"),
                "s3:PutObject",
                {"bucketName": "partner-in", "key": f"{at:.2f}-{number}"},
            )
        month.call(
            at, service("transfer"), "sts:AssumeRole", {"roleArn": "arn:aws:iam::111122223333:role/partner-sftp-access"}
        )
