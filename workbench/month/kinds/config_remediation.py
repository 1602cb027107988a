"""Config's remediations by Systems Manager: what is open is closed, what is unencrypted is encrypted."""

from __future__ import annotations

from ..company import DEV, digest, ingress, role, through
from ..month import Month
from .terraform_apply import BLOCK


def happens(month: Month) -> None:
    who = through(role("config-remediation", "Automation-1", DEV), "ssm")
    for number, at in enumerate(month.runs(2)):
        name = digest(f"remedy{number}")
        month.steps(
            at,
            who,
            (
                ("ssm:StartAutomationExecution", {"documentName": "AWS-DisablePublicAccessForSecurityGroup"}),
                ("ec2:RevokeSecurityGroupIngress", ingress("0.0.0.0/0", 22, f"sg-{name}")),
                ("s3:PutBucketPublicAccessBlock", {"bucketName": name, "PublicAccessBlockConfiguration": BLOCK}),
                ("kms:EnableKeyRotation", {"keyId": name}),
            ),
        )
