"""Everybody signs in through Identity Center, from the office, from home or through the VPN."""

from __future__ import annotations

from ..company import BROWSER, EVERYBODY, MANAGEMENT, OFFICE, PROD, VPN, home, person
from ..month import DAYS, Month

SAML = "arn:aws:iam::111122223333:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE"


def happens(month: Month) -> None:
    for number, name in enumerate(EVERYBODY):
        for day in range(DAYS):
            if day % 7 > 4 or month.chance.random() > 0.9 * min(1.0, month.volume + 0.1):
                continue
            at = day * 24 + 7.5 + month.chance.random() * 2
            ip = (OFFICE, home(name), VPN)[(number + day) % 3]
            unknown = {
                "type": "IdentityCenterUser",
                "accountId": MANAGEMENT,
                "onBehalfOf": {
                    "userId": f"93-{number}",
                    "identityStoreArn": "arn:aws:identitystore::777788889999:identitystore/d-0123456789",
                },
            }
            for call in ("UserAuthentication", "Authenticate", "Federate"):
                month.call(
                    at,
                    unknown,
                    f"sso:{call}",
                    ip=ip,
                    agent=BROWSER,
                    account=MANAGEMENT,
                    eventType="AwsServiceEvent",
                    serviceEventDetails={call: "Success"},
                )
            month.call(
                at + 0.01,
                person(name, "DeveloperAccess", PROD),
                "signin:ConsoleLogin",
                None,
                {"ConsoleLogin": "Success"},
                ip=ip,
                agent=BROWSER,
                region="eu-central-1",
                eventType="AwsConsoleSignIn",
                additionalEventData={"MobileVersion": "No", "MFAUsed": "No", "SamlProviderArn": SAML},
            )
