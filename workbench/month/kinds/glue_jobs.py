"""Nightly Glue jobs read and write the lake."""

from __future__ import annotations

from ..company import digest, role, service
from ..month import Month


def happens(month: Month) -> None:
    who = role("glue-etl", "GlueJobRunnerSession")
    for number, at in enumerate(month.runs(3, 1, 5)):
        month.call(at, service("glue"), "sts:AssumeRole", {"roleArn": "arn:aws:iam::111122223333:role/glue-etl"})
        month.steps(
            at,
            who,
            (
                ("glue:GetTable", {"name": "orders"}),
                ("glue:GetPartitions", {"tableName": "orders"}),
                ("glue:BatchCreatePartition", {"tableName": "orders"}),
                ("logs:CreateLogStream", {"logGroupName": "/aws-glue/jobs"}),
            ),
        )
        for part in range(30):
            month.data(
                at + part / 900,
                who,
                "s3:GetObject",
                {"bucketName": "lake-raw", "key": f"orders/{number}/{digest(str(part), 6)}.parquet"},
            )
