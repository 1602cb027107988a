"""The scheduler stops the development servers in the evening and starts them in the morning."""

from __future__ import annotations

from ..company import DEV, STAGING, digest, instances, role
from ..month import Month


def happens(month: Month) -> None:
    for account in (DEV, STAGING):
        who = role("instance-scheduler", "scheduler", account)
        nodes = [f"i-{digest(f'{account}{number}')}" for number in range(18)]
        for at in month.runs(1, 19, 19.5, workdays=True):
            month.call(at, who, "ec2:StopInstances", instances(*nodes))
            month.call(at + 12, who, "ec2:StartInstances", instances(*nodes))
            month.call(at, who, "rds:StopDBInstance", {"dBInstanceIdentifier": "dev"})
            month.call(at + 12, who, "rds:StartDBInstance", {"dBInstanceIdentifier": "dev"})
