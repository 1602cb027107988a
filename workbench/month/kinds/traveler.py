"""Somebody is at a conference abroad for three days, and looks after the day's work from there."""

from __future__ import annotations

from ..company import ABROAD, BROWSER, DEV, DEVELOPERS, person
from ..month import Month


def happens(month: Month) -> None:
    for day in (10, 11, 12):
        who = person(DEVELOPERS[4], "DeveloperAccess", DEV, console=True)
        month.call(
            month.on(day, 18),
            who,
            "signin:ConsoleLogin",
            None,
            {"ConsoleLogin": "Success"},
            ip=ABROAD,
            agent=BROWSER,
            region="eu-central-1",
            eventType="AwsConsoleSignIn",
            additionalEventData={
                "MFAUsed": "No",
                "SamlProviderArn": "arn:aws:iam::333344445555:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE",
            },
        )
        month.steps(
            month.on(day, 18.1),
            who,
            (("ecs:DescribeServices", {}), ("logs:FilterLogEvents", {"logGroupName": "/ecs/shop"})),
            ip=ABROAD,
            agent=BROWSER,
        )
