"""The account vending pipeline gives platform roles administrator rights in each account, as designed."""

from __future__ import annotations

from ..company import DEV, MANAGEMENT, PROD, SANDBOX, STAGING, TERRAFORM, policy, role, statement, trust
from ..month import Month


def happens(month: Month) -> None:
    for number, account in enumerate((DEV, STAGING, PROD, SANDBOX)):
        who = role("OrganizationAccountAccessRole", "account-vending", account)
        trusted = trust({"AWS": f"arn:aws:iam::{MANAGEMENT}:role/platform"})
        wide = policy(statement(["iam:PassRole", "iam:CreateRole", "iam:AttachRolePolicy"], "*"))
        month.steps(
            month.on(4 * number + 2, 15),
            who,
            (
                ("iam:CreateRole", {"roleName": "platform", "assumeRolePolicyDocument": trusted}),
                (
                    "iam:AttachRolePolicy",
                    {"roleName": "platform", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
                ),
                ("iam:PutRolePolicy", {"roleName": "terraform", "policyName": "iam", "policyDocument": wide}),
                (
                    "iam:CreateOpenIDConnectProvider",
                    {"url": "https://token.actions.githubusercontent.com", "clientIDList": ["sts.amazonaws.com"]},
                ),
                ("iam:CreateAccountAlias", {"accountAlias": f"example-{number}"}),
                (
                    "iam:UpdateAccountPasswordPolicy",
                    {
                        "minimumPasswordLength": 14,
                        "requireSymbols": True,
                        "requireNumbers": True,
                        "requireUppercaseCharacters": True,
                        "requireLowercaseCharacters": True,
                        "maxPasswordAge": 90,
                        "passwordReusePrevention": 24,
                    },
                ),
                ("ec2:EnableEbsEncryptionByDefault", {}),
            ),
            agent=TERRAFORM,
        )
