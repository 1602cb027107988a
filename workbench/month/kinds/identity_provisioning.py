"""The identity provider keeps users and groups of Identity Center by SCIM; Terraform assigns permission sets."""

from __future__ import annotations

from ..company import MANAGEMENT, TERRAFORM, document, role, statement
from ..month import Month


def happens(month: Month) -> None:
    scim = {"type": "Unknown", "accountId": MANAGEMENT, "principalId": "scim", "credentialId": "scim-token"}
    for at in month.runs(3, 7, 18, workdays=True):
        call = month.chance.choice(("UpdateUser", "AddMemberToGroup", "RemoveMemberFromGroup", "ListUsers"))
        month.call(
            at,
            scim,
            f"sso-directory:{call}",
            {"identityStoreId": "d-0123456789"},
            ip="203.0.113.60",
            account=MANAGEMENT,
        )
    who = role("terraform", "aws-go-sdk-1752100000", MANAGEMENT)
    narrow = document(statement("s3:GetObject", "arn:aws:s3:::reports/*"))
    for at in month.runs(0.3, 10, 16, workdays=True):
        month.steps(
            at,
            who,
            (
                (
                    "sso:CreateAccountAssignment",
                    {"targetId": "111122223333", "permissionSetArn": "arn:aws:sso:::permissionSet/ssoins-1/ps-1"},
                ),
                (
                    "sso:DeleteAccountAssignment",
                    {"targetId": "222233334444", "permissionSetArn": "arn:aws:sso:::permissionSet/ssoins-1/ps-2"},
                ),
                (
                    "sso:PutInlinePolicyToPermissionSet",
                    {"permissionSetArn": "ps-1", "inlinePolicy": str(narrow).replace("'", '"')},
                ),
                ("sso:ProvisionPermissionSet", {"permissionSetArn": "ps-1"}),
            ),
            agent=TERRAFORM,
        )
