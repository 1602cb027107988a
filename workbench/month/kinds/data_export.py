"""Nightly exports of tables and snapshots to the data lake, by a function."""

from __future__ import annotations

from ..company import arn, role
from ..month import Month


def happens(month: Month) -> None:
    who = role("lake-export", "lake-export")
    for number, at in enumerate(month.runs(1, 0.5, 2)):
        month.steps(
            at,
            who,
            (
                (
                    "rds:StartExportTask",
                    {
                        "exportTaskIdentifier": f"shop-{number}",
                        "s3BucketName": "lake-raw",
                        "sourceArn": arn("rds", "snapshot:shop"),
                        "iamRoleArn": arn("iam", "role/lake-export-s3", region=""),
                    },
                ),
                *(
                    (
                        "dynamodb:ExportTableToPointInTime",
                        {"tableArn": arn("dynamodb", f"table/{table}"), "s3Bucket": "lake-raw"},
                    )
                    for table in ("carts", "orders", "stock")
                ),
            ),
        )
