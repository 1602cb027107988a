"""A server in the office writes its backups with a key that is as old as the company."""

from __future__ import annotations

from ..company import LEGACY_HOST, user
from ..month import Month


def happens(month: Month) -> None:
    who = user("legacy-backup")
    for number, at in enumerate(month.runs(1, 23, 24)):
        for part in range(12):
            month.data(
                at + part / 120,
                who,
                "s3:PutObject",
                {"bucketName": "office-backups", "key": f"{number}/{part}.vbk"},
                ip=LEGACY_HOST,
                agent="aws-sdk-java/1.12.7",
            )
        month.data(
            at,
            who,
            "s3:DeleteObject",
            {"bucketName": "office-backups", "key": f"{number - 30}/0.vbk"},
            ip=LEGACY_HOST,
            agent="aws-sdk-java/1.12.7",
        )
