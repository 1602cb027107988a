"""Customers of the mobile application: Cognito identities, users that the back end looks after."""

from __future__ import annotations

from ..company import BOTO, PROD, role, runner
from ..month import Month


def happens(month: Month) -> None:
    nobody = {"type": "Unknown", "principalId": "Anonymous"}
    for number, at in enumerate(month.runs(25)):
        month.call(
            at,
            nobody,
            "cognito-identity:GetId",
            {"identityPoolId": "eu-central-1:1"},
            ip=runner(number),
            agent="okhttp/4.12",
            account=PROD,
        )
        month.call(
            at,
            nobody,
            "cognito-idp:InitiateAuth",
            {"authFlow": "USER_SRP_AUTH"},
            ip=runner(number),
            agent="okhttp/4.12",
            account=PROD,
        )
    for number, at in enumerate(month.runs(4)):
        month.steps(
            at,
            role("customer-api", "customer-api"),
            (
                ("cognito-idp:AdminCreateUser", {"userPoolId": "p", "username": "***"}),
                ("cognito-idp:AdminGetUser", {"userPoolId": "p"}),
                ("cognito-idp:AdminSetUserPassword", {"userPoolId": "p"}),
                ("cognito-idp:AdminDisableUser", {"userPoolId": "p", "username": f"c{number}"}),
            ),
            agent=BOTO,
        )
