"""The help desk: passwords are reset and lost devices removed, for people in Identity Center and a few IAM users."""

from __future__ import annotations

from ..company import BROWSER, HELP_DESK, MANAGEMENT, OFFICE, PROD, person
from ..month import Month

CLERKS = ("auditor", "supplier", "warehouse", "contractor", "reporter")


def happens(month: Month) -> None:
    center = person(HELP_DESK, "HelpDesk", MANAGEMENT, console=True)
    for number, at in enumerate(month.runs(0.4, 9, 17, workdays=True)):
        month.steps(
            at,
            center,
            (
                ("sso-directory:SearchUsers", {}),
                ("sso-directory:UpdatePassword", {"userId": f"93-{number % 20}", "passwordMode": "EMAIL"}),
                ("sso-directory:ListMfaDevicesForUser", {"userId": f"93-{number % 20}"}),
                *(
                    (("sso-directory:DeleteMfaDeviceForUser", {"userId": f"93-{number % 20}"}),)
                    if number % 3 == 0
                    else ()
                ),
            ),
            ip=OFFICE,
            agent=BROWSER,
        )
    local = person(HELP_DESK, "HelpDesk", PROD, console=True)
    for number, at in enumerate(month.runs(0.2, 9, 17, workdays=True)):
        name = CLERKS[number % len(CLERKS)]
        month.call(
            at,
            local,
            "iam:UpdateLoginProfile",
            {"userName": name, "passwordResetRequired": True},
            ip=OFFICE,
            agent=BROWSER,
        )
        if number % 3 == 1:
            device = {"userName": name, "serialNumber": f"arn:aws:iam::{PROD}:mfa/{name}"}
            month.call(at + 0.1, local, "iam:DeactivateMFADevice", device, ip=OFFICE, agent=BROWSER)
            month.call(
                at + 0.1,
                local,
                "iam:DeleteVirtualMFADevice",
                {"serialNumber": device["serialNumber"]},
                ip=OFFICE,
                agent=BROWSER,
            )
