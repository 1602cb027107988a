"""Finance: bills, budgets, a savings plan, a subscription in the marketplace."""

from __future__ import annotations

from ..company import BROWSER, FINANCE, MANAGEMENT, OFFICE, linked, person
from ..month import Month


def happens(month: Month) -> None:
    who = person(FINANCE, "Billing", MANAGEMENT, console=True)
    for at in month.runs(5, 9, 16, workdays=True):
        call = month.chance.choice(
            (
                "billingconsole:GetBillsForBillingPeriod",
                "ce:GetCostAndUsage",
                "budgets:ViewBudget",
                "payments:ListInvoices",
            )
        )
        month.call(at, who, call, {}, ip=OFFICE, agent=BROWSER)
    month.call(month.on(2, 11), who, "budgets:ModifyBudget", {"budgetName": "team-1"}, ip=OFFICE, agent=BROWSER)
    month.call(month.on(2, 11.2), who, "budgets:DeleteBudget", {"budgetName": "team-old"}, ip=OFFICE, agent=BROWSER)
    month.call(
        month.on(16, 10),
        who,
        "savingsplans:CreateSavingsPlan",
        {"savingsPlanOfferingId": "1", "commitment": "2.5"},
        ip=OFFICE,
        agent=BROWSER,
    )
    month.call(
        month.on(18, 10),
        who,
        "aws-marketplace:AcceptAgreementRequest",
        {"agreementRequestId": "ar-1"},
        ip=OFFICE,
        agent=BROWSER,
    )
    for at in month.runs(1):
        month.call(at, linked("billing", "AWSServiceRoleForBilling", MANAGEMENT), "ce:GetReservationUtilization", {})
