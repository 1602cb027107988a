"""Maintenance windows patch servers at night."""

from __future__ import annotations

from ..company import PROD, STAGING, digest, linked, role, through
from ..month import Month


def happens(month: Month) -> None:
    for account in (PROD, STAGING):
        who = through(role("maintenance-window", "mw-0123456789abcdef0", account), "ssm")
        for number, at in enumerate(month.runs(0.5, 2, 4)):
            month.steps(
                at,
                who,
                (
                    (
                        "ssm:SendCommand",
                        {
                            "documentName": "AWS-RunPatchBaseline",
                            "targets": [{"key": "tag:Patch Group", "values": ["a"]}],
                        },
                    ),
                    ("ssm:ListCommandInvocations", {}),
                    (
                        "ssm:StartAutomationExecution",
                        {
                            "documentName": "AWS-RestartEC2Instance",
                            "parameters": {"InstanceId": [f"i-{digest(str(number))}"]},
                        },
                    ),
                ),
            )
        for at in month.runs(4):
            month.call(at, linked("ssm", "AWSServiceRoleForAmazonSSM", account), "ssm:ListAssociations", {})
