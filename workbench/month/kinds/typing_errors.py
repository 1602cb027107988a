"""The few IAM users with passwords mistype them, and sign in at the second try."""

from __future__ import annotations

from ..company import BROWSER, OFFICE, PROD, home, user
from ..month import Month


def happens(month: Month) -> None:
    for number, at in enumerate(month.runs(1.5, 7, 18, workdays=True)):
        name = ("auditor", "supplier", "warehouse", "contractor")[number % 4]
        ip = OFFICE if number % 3 else home(name)
        failed = {"type": "IAMUser", "accountId": PROD, "accessKeyId": "", "userName": name}
        said = {"ConsoleLogin": "Failure"}
        for step in range(number % 3):
            month.call(
                at + step / 120,
                failed,
                "signin:ConsoleLogin",
                None,
                said,
                ip=ip,
                agent=BROWSER,
                eventType="AwsConsoleSignIn",
                errorMessage="Failed authentication",
                additionalEventData={"MFAUsed": "No"},
            )
        month.call(
            at + 0.05,
            user(name, session=True),
            "signin:ConsoleLogin",
            None,
            {"ConsoleLogin": "Success"},
            ip=ip,
            agent=BROWSER,
            eventType="AwsConsoleSignIn",
            additionalEventData={"MFAUsed": "Yes"},
        )
        month.call(at + 0.1, user(name, session=True), "s3:ListBuckets", {}, ip=ip, agent=BROWSER)
