"""Analysts ask Athena; their results and what they read lie in buckets."""

from __future__ import annotations

from ..company import ANALYSTS, BROWSER, OFFICE, PROD, person, through
from ..month import Month


def happens(month: Month) -> None:
    for number, at in enumerate(month.runs(5, 9, 18, workdays=True)):
        who = person(ANALYSTS[number % 3], "DataAnalysis", PROD, console=True)
        month.steps(
            at,
            who,
            (
                ("athena:StartQueryExecution", {"workGroup": "analysis", "queryString": "***"}),
                ("athena:GetQueryExecution", {}),
                ("glue:GetTables", {"databaseName": "lake"}),
                ("athena:GetQueryResults", {}),
            ),
            ip=OFFICE,
            agent=BROWSER,
        )
        for part in range(30):
            key = {"bucketName": "lake-curated", "key": f"orders/{number % 9}/{part}.parquet"}
            month.data(at + 0.001, through(who, "athena"), "s3:GetObject", key)
