"""People mistype passwords and MFA codes at the portal of Identity Center, and names, so that nobody has them."""

from __future__ import annotations

from ..company import BROWSER, EVERYBODY, MANAGEMENT, OFFICE, PROD, home
from ..month import Month

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"


def happens(month: Month) -> None:
    for number, at in enumerate(month.runs(4, 7, 19, workdays=True)):
        name = EVERYBODY[number % len(EVERYBODY)]
        ip = OFFICE if number % 3 else home(name)
        unknown = {"type": "Unknown", "principalId": MANAGEMENT, "arn": "", "accountId": MANAGEMENT, "accessKeyId": ""}
        for step, result in enumerate([*["Failure"] * (1 + number % 2), "Success"]):
            month.call(
                at + step / 90,
                {**unknown, "userName": name},
                "signin:CredentialVerification",
                None,
                None,
                ip=ip,
                agent=BROWSER,
                account=MANAGEMENT,
                eventType="AwsServiceEvent",
                additionalEventData={"CredentialType": ("PASSWORD", "TOTP")[number % 2], "UserName": name},
                serviceEventDetails={"CredentialVerification": result},
            )
    for at in month.runs(0.5, 8, 18, workdays=True):
        month.call(
            at,
            {"type": "IAMUser", "accountId": PROD, "accessKeyId": "", "userName": HIDDEN},
            "signin:ConsoleLogin",
            None,
            {"ConsoleLogin": "Failure"},
            ip=OFFICE,
            agent=BROWSER,
            eventType="AwsConsoleSignIn",
            errorMessage="No username found in supplied account",
            additionalEventData={"MobileVersion": "No", "MFAUsed": "No"},
        )
