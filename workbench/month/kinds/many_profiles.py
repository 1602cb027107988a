"""A platform engineer's script fetches credentials for all accounts at once."""

from __future__ import annotations

from ..company import CLI, MANAGEMENT, OFFICE, OPERATORS, person
from ..month import Month


def happens(month: Month) -> None:
    center = {
        "type": "IdentityCenterUser",
        "accountId": MANAGEMENT,
        "onBehalfOf": {
            "userId": "93-90",
            "identityStoreArn": "arn:aws:identitystore::777788889999:identitystore/d-0123456789",
        },
    }
    for at in month.runs(0.5, 9, 17, workdays=True):
        for number in range(9):
            account = f"4567{number:02d}123456"
            month.call(
                at + number / 3600,
                center,
                "sso:GetRoleCredentials",
                {"accountId": account, "roleName": "ReadOnly"},
                ip=OFFICE,
                agent=CLI,
                account=MANAGEMENT,
            )
            month.call(
                at + number / 3000,
                person(OPERATORS[0], "ReadOnly", account),
                "ec2:DescribeInstances",
                {},
                ip=OFFICE,
                agent=CLI,
            )
