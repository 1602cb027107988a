"""Once in the month root signs in to the management account, with a second factor, about the bill."""

from __future__ import annotations

from ..company import BROWSER, MANAGEMENT, OFFICE, root
from ..month import Month


def happens(month: Month) -> None:
    at, who = month.on(17, 10), root(MANAGEMENT)
    month.call(
        at,
        who,
        "signin:ConsoleLogin",
        None,
        {"ConsoleLogin": "Success"},
        ip=OFFICE,
        agent=BROWSER,
        eventType="AwsConsoleSignIn",
        additionalEventData={"MFAUsed": "Yes", "MobileVersion": "No"},
    )
    month.steps(
        at + 0.02,
        who,
        (
            ("billingconsole:GetBillingPreferences", {}),
            ("payments:UpdatePaymentPreferences", {}),
            ("support:CreateCase", {}),
        ),
        ip=OFFICE,
        agent=BROWSER,
    )
