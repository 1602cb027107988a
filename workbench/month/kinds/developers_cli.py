"""Developers at the command line, with credentials from Identity Center."""

from __future__ import annotations

from ..company import CLI, DEV, DEVELOPERS, MANAGEMENT, OFFICE, PROD, STAGING, home, person
from ..month import Month


def happens(month: Month) -> None:
    for number, at in enumerate(month.runs(12, 8.5, 18.5, workdays=True)):
        name = DEVELOPERS[number % len(DEVELOPERS)]
        ip = home(name) if number % 4 == 1 else OFFICE
        account = (DEV, STAGING, PROD)[number % 3]
        center = {
            "type": "IdentityCenterUser",
            "accountId": MANAGEMENT,
            "onBehalfOf": {
                "userId": f"93-{DEVELOPERS.index(name)}",
                "identityStoreArn": "arn:aws:identitystore::777788889999:identitystore/d-0123456789",
            },
        }
        month.call(
            at,
            center,
            "sso:CreateToken",
            {"clientId": "HIDDEN_DUE_TO_SECURITY_REASONS", "grantType": "refresh_token"},
            ip=ip,
            agent=CLI,
            account=MANAGEMENT,
        )
        month.call(
            at,
            center,
            "sso:GetRoleCredentials",
            {"accountId": account, "roleName": "DeveloperAccess"},
            ip=ip,
            agent=CLI,
            account=MANAGEMENT,
        )
        month.steps(
            at + 0.001,
            person(name, "DeveloperAccess", account),
            (
                ("sts:GetCallerIdentity", None),
                ("s3:ListBuckets", {}),
                ("ecr:GetAuthorizationToken", {}),
                ("logs:FilterLogEvents", {"logGroupName": "/ecs/shop"}),
                ("ssm:GetParameter", {"name": "/dev/shop", "withDecryption": True}),
            ),
            seconds=8,
            ip=ip,
            agent=CLI,
        )
