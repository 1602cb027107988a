"""Joiners: accounts come from the identity provider; an IAM user gets a password and enrolls a device."""

from __future__ import annotations

from ..company import BROWSER, HELP_DESK, MANAGEMENT, OFFICE, PROD, TERRAFORM, person, role, user
from ..month import Month


def happens(month: Month) -> None:
    for number, at in enumerate(month.runs(0.15, 8, 10, workdays=True)):
        scim = {"type": "Unknown", "accountId": MANAGEMENT, "principalId": "scim"}
        month.steps(
            at,
            scim,
            (
                ("sso-directory:CreateUser", {"userName": f"new{number}"}),
                ("sso-directory:AddMemberToGroup", {"groupId": "dev"}),
            ),
            ip="203.0.113.60",
            account=MANAGEMENT,
        )
    name = "supplier2"
    month.steps(
        month.on(5, 9),
        role("terraform", "aws-go-sdk-1752200000"),
        (
            ("iam:CreateUser", {"userName": name}),
            ("iam:AddUserToGroup", {"userName": name, "groupName": "suppliers"}),
        ),
        agent=TERRAFORM,
    )
    month.call(
        month.on(5, 9.5),
        person(HELP_DESK, "HelpDesk", PROD, console=True),
        "iam:CreateLoginProfile",
        {"userName": name, "passwordResetRequired": True},
        ip=OFFICE,
        agent=BROWSER,
    )
    who = user(name, session=True)
    month.call(
        month.on(5, 10),
        {**who, "sessionContext": {"attributes": {"mfaAuthenticated": "false"}}},
        "signin:ConsoleLogin",
        None,
        {"ConsoleLogin": "Success"},
        ip=OFFICE,
        agent=BROWSER,
        eventType="AwsConsoleSignIn",
        additionalEventData={"MFAUsed": "No"},
    )
    month.steps(
        month.on(5, 10.05),
        who,
        (
            ("iam:ChangePassword", None),
            ("iam:CreateVirtualMFADevice", {"virtualMFADeviceName": name}),
            ("iam:EnableMFADevice", {"userName": name, "serialNumber": f"arn:aws:iam::{PROD}:mfa/{name}"}),
        ),
        ip=OFFICE,
        agent=BROWSER,
    )
