"""The break-glass drill of the quarter: the sealed user signs in with a second factor, looks, and signs out."""

from __future__ import annotations

from ..company import BROWSER, MANAGEMENT, OFFICE, user
from ..month import Month


def happens(month: Month) -> None:
    at, who = month.on(9, 15), user("break-glass", MANAGEMENT, session=True)
    month.call(
        at,
        who,
        "signin:ConsoleLogin",
        None,
        {"ConsoleLogin": "Success"},
        ip=OFFICE,
        agent=BROWSER,
        eventType="AwsConsoleSignIn",
        additionalEventData={"MFAUsed": "Yes", "MFAIdentifier": "arn:aws:iam::777788889999:u2f/user/break-glass/key"},
    )
    month.call(
        at + 0.05,
        who,
        "sts:AssumeRole",
        {"roleArn": "arn:aws:iam::111122223333:role/BreakGlass", "roleSessionName": "drill"},
        ip=OFFICE,
        agent=BROWSER,
    )
    month.steps(
        at + 0.1,
        who,
        (("iam:GetUser", {}), ("organizations:ListAccounts", {}), ("ec2:DescribeInstances", {})),
        ip=OFFICE,
        agent=BROWSER,
    )
