"""Services assume the roles of instances, functions and containers."""

from __future__ import annotations

from ..company import DEV, PROD, STAGING, service
from ..month import Month


def happens(month: Month) -> None:
    for account, a_day in ((PROD, 160), (STAGING, 80), (DEV, 60)):
        for at in month.runs(a_day):
            name = month.chance.choice(("ec2", "lambda", "ecs-tasks", "states", "events", "codebuild", "vpc-flow-logs"))
            month.call(
                at,
                service(name),
                "sts:AssumeRole",
                {
                    "roleArn": f"arn:aws:iam::{account}:role/app-{month.chance.randrange(40)}",
                    "roleSessionName": "session",
                },
                account=account,
            )
