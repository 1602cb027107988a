"""The organization is kept in Terraform and, now and then, by hand: policies, units, delegated administrators."""

from __future__ import annotations

from ..company import BROWSER, MANAGEMENT, OFFICE, OPERATORS, TERRAFORM, person, policy, role
from ..month import Month


def happens(month: Month) -> None:
    who = role("terraform", "aws-go-sdk-1752000000", MANAGEMENT)
    deny = policy({"Effect": "Deny", "Action": "cloudtrail:StopLogging", "Resource": "*"})
    for at in month.runs(0.15, 10, 16, workdays=True):
        month.steps(
            at,
            who,
            (
                ("organizations:DescribeOrganization", {}),
                ("organizations:ListPolicies", {}),
                ("organizations:UpdatePolicy", {"policyId": "p-guard", "content": deny}),
                ("organizations:AttachPolicy", {"policyId": "p-guard", "targetId": "ou-new"}),
                ("organizations:TagResource", {"resourceId": "ou-new"}),
            ),
            agent=TERRAFORM,
        )
    admin = person(OPERATORS[1], "OrganizationAdmin", MANAGEMENT, console=True)
    month.steps(
        month.on(12, 11),
        admin,
        (
            ("organizations:ListAccounts", {}),
            ("organizations:CreateOrganizationalUnit", {"name": "experiments"}),
            ("organizations:MoveAccount", {"accountId": "888899990000"}),
            ("organizations:CloseAccount", {"accountId": "456799123456"}),
        ),
        ip=OFFICE,
        agent=BROWSER,
    )
