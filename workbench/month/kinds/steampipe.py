"""A security analyst asks Steampipe about all accounts: many reads of many services within minutes."""

from __future__ import annotations

from ..company import DEV, GO, PROD, STAGING, VPN, WATCH, person
from ..month import Month
from .prowler import MORE
from .terraform_plan import READS


def happens(month: Month) -> None:
    for at in month.runs(0.25, 9, 17, workdays=True):
        for account in (PROD, STAGING, DEV):
            who = person(WATCH, "SecurityAudit", account)
            for step, call in enumerate((*MORE, *READS[:20])):
                month.call(at + step / 2000, who, call, {}, ip=VPN, agent=GO + " steampipe-plugin-aws/0.140.0")
