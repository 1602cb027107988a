"""A function sets the retention of new log groups and deletes those of functions that are gone."""

from __future__ import annotations

from ..company import DEV, PROD, role
from ..month import Month


def happens(month: Month) -> None:
    for account in (DEV, PROD):
        who = role("log-retention", "log-retention", account)
        for number, at in enumerate(month.runs(2)):
            month.steps(
                at,
                who,
                (
                    ("logs:DescribeLogGroups", {}),
                    ("logs:PutRetentionPolicy", {"logGroupName": f"/aws/lambda/f{number}", "retentionInDays": 14}),
                    ("logs:DeleteLogGroup", {"logGroupName": f"/aws/lambda/old{number}"}),
                ),
            )
