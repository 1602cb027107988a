"""An analyst downloads the month's reports from the lake by the command line, a folder at a time."""

from __future__ import annotations

from ..company import ANALYSTS, CLI, OFFICE, PROD, person
from ..month import Month


def happens(month: Month) -> None:
    who = person(ANALYSTS[1], "DataAnalysis", PROD)
    for number, at in enumerate(month.runs(0.3, 9, 16, workdays=True)):
        for part in range(40):
            month.data(
                at + part / 3000,
                who,
                "s3:GetObject",
                {"bucketName": "lake-reports", "key": f"2026/{number}/{part}.csv"},
                ip=OFFICE,
                agent=CLI,
            )
