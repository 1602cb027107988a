"""Leavers: a workflow takes everything from their users within a minute."""

from __future__ import annotations

from ..company import MANAGEMENT, PROD, role
from ..month import Month


def happens(month: Month) -> None:
    for number, at in enumerate(month.runs(0.1, 17, 18, workdays=True)):
        name = {"userName": f"leaver{number}"}
        month.steps(
            at,
            role("offboarding", "offboarding", PROD),
            (
                ("iam:ListAccessKeys", name),
                ("iam:UpdateAccessKey", {**name, "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "status": "Inactive"}),
                ("iam:DeleteLoginProfile", name),
                ("iam:DeactivateMFADevice", {**name, "serialNumber": f"arn:aws:iam::{PROD}:mfa/leaver{number}"}),
                ("iam:DeleteVirtualMFADevice", {"serialNumber": f"arn:aws:iam::{PROD}:mfa/leaver{number}"}),
                ("iam:RemoveUserFromGroup", {**name, "groupName": "developers"}),
                ("iam:DetachUserPolicy", {**name, "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
                ("iam:DeleteAccessKey", {**name, "accessKeyId": "AKIAIOSFODNN7EXAMPLE"}),
                ("iam:DeleteUser", name),
            ),
        )
        month.call(
            at + 0.1,
            role("offboarding", "offboarding", MANAGEMENT),
            "identitystore:DeleteUser",
            {"userId": f"93-{number}"},
        )
