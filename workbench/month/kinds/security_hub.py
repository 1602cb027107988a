"""Security Hub keeps its rules in Config; a function takes its findings up."""

from __future__ import annotations

from ..company import PROD, SECURITY, STAGING, linked, role
from ..month import Month


def happens(month: Month) -> None:
    for account in (PROD, STAGING):
        who = linked("securityhub", "AWSServiceRoleForSecurityHub", account)
        for number, at in enumerate(month.runs(2)):
            rule = {"configRule": {"configRuleName": f"securityhub-check-{number % 40}"}}
            month.call(at, who, "config:PutConfigRule", rule)
            month.call(at + 0.1, who, "config:DeleteConfigRule", {"configRuleName": f"securityhub-check-{number % 40}"})
            month.call(at + 0.1, who, "config:DescribeConfigRules", {})
    for at in month.runs(12):
        month.call(
            at,
            role("finding-router", "finding-router", SECURITY),
            "securityhub:BatchUpdateFindings",
            {"workflow": {"status": "NOTIFIED"}},
        )
