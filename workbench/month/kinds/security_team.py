"""The security team at work: reports about users, findings archived, queries over the trail."""

from __future__ import annotations

from ..company import BROWSER, OFFICE, PROD, SECURITY, WATCH, person
from ..month import Month


def happens(month: Month) -> None:
    for number, at in enumerate(month.runs(1.5, 9, 17, workdays=True)):
        who = person(WATCH, "SecurityAudit", (PROD, SECURITY)[number % 2], console=True)
        month.steps(
            at,
            who,
            (
                ("iam:ListUsers", {}),
                ("iam:GenerateCredentialReport", {}),
                ("iam:GetCredentialReport", {}),
                ("iam:ListRoles", {}),
                ("iam:GetAccountAuthorizationDetails", {}),
                ("iam:SimulatePrincipalPolicy", {}),
                ("cloudtrail:LookupEvents", {}),
                ("guardduty:ListFindings", {"detectorId": "d0"}),
                ("guardduty:ArchiveFindings", {"detectorId": "d0", "findingIds": [f"f{number}"]}),
                ("securityhub:BatchUpdateFindings", {"workflow": {"status": "SUPPRESSED"}}),
                ("accessanalyzer:ListFindings", {}),
                ("athena:StartQueryExecution", {"queryString": "***", "workGroup": "security"}),
                ("athena:GetQueryResults", {}),
            ),
            seconds=20,
            ip=OFFICE,
            agent=BROWSER,
        )
