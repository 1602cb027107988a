"""Quotas and support: increases by the pipeline and by hand, cases with AWS."""

from __future__ import annotations

from ..company import BROWSER, OFFICE, OPERATORS, PROD, person, role
from ..month import Month


def happens(month: Month) -> None:
    who = person(OPERATORS[0], "PlatformAdmin", PROD, console=True)
    for at in month.runs(0.12, 9, 17, workdays=True):
        month.steps(
            at,
            who,
            (
                ("servicequotas:ListServiceQuotas", {}),
                (
                    "servicequotas:RequestServiceQuotaIncrease",
                    {"serviceCode": "vpc", "quotaCode": "L-F678F1CE", "desiredValue": 20},
                ),
                ("support:CreateCase", {"subject": "***"}),
                ("support:DescribeCases", {}),
            ),
            ip=OFFICE,
            agent=BROWSER,
        )
    month.call(
        month.on(4, 12),
        role("quota-watch", "quota-watch"),
        "servicequotas:RequestServiceQuotaIncrease",
        {"serviceCode": "lambda", "quotaCode": "L-B99A9384"},
    )
