"""The security team keeps GuardDuty in Terraform: members, features, filters for what is known."""

from __future__ import annotations

from ..company import SECURITY, TERRAFORM, role
from ..month import Month


def happens(month: Month) -> None:
    who = role("terraform", "aws-go-sdk-1751900000", SECURITY)
    for number, at in enumerate(month.runs(0.2, 10, 16, workdays=True)):
        month.steps(
            at,
            who,
            (
                ("guardduty:GetDetector", {"detectorId": "d0"}),
                ("guardduty:ListMembers", {"detectorId": "d0"}),
                ("guardduty:CreateMembers", {"detectorId": "d0", "accountDetails": [{"accountId": "456700123456"}]}),
                (
                    "guardduty:UpdateFilter",
                    {"detectorId": "d0", "filterName": f"known-scanner-{number}", "action": "ARCHIVE"},
                ),
                (
                    "guardduty:UpdateOrganizationConfiguration",
                    {"detectorId": "d0", "autoEnableOrganizationMembers": "ALL"},
                ),
                (
                    "securityhub:UpdateStandardsControl",
                    {"controlStatus": "DISABLED", "standardsControlArn": f"arn:aws:securityhub:::{number}"},
                ),
            ),
            agent=TERRAFORM,
        )
