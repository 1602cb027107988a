"""Prowler checks each account at night from the security account, and is refused a few things."""

from __future__ import annotations

from ..company import BOTO, DEV, PROD, SECURITY, STAGING, pod, role
from ..month import Month
from .terraform_plan import READS

MORE = (
    "iam:GetAccountSummary",
    "iam:GenerateCredentialReport",
    "iam:GetCredentialReport",
    "iam:ListUsers",
    "iam:ListRoles",
    "iam:ListPolicies",
    "iam:GetAccountAuthorizationDetails",
    "iam:ListAccessKeys",
    "iam:ListMFADevices",
    "guardduty:ListDetectors",
    "securityhub:GetFindings",
    "cloudtrail:DescribeTrails",
    "cloudtrail:GetTrailStatus",
    "config:DescribeConfigurationRecorders",
    "accessanalyzer:ListAnalyzers",
    "ec2:DescribeInstanceAttribute",
    "lambda:ListFunctions20150331",
    "ecr:DescribeRepositories",
    "sagemaker:ListNotebookInstances",
    "glue:GetDevEndpoints",
)
REFUSED = (
    "macie2:GetMacieSession",
    "shield:GetSubscriptionState",
    "wellarchitected:ListWorkloads",
    "support:DescribeTrustedAdvisorChecks",
    "account:GetAlternateContact",
    "backup:ListBackupVaults",
    "drs:DescribeSourceServers",
    "inspector2:BatchGetAccountStatus",
    "workspaces:DescribeWorkspaces",
    "appstream:DescribeFleets",
    "ssm-incidents:ListReplicationSets",
)


def happens(month: Month) -> None:
    for account in (PROD, STAGING, DEV):
        for at in month.runs(0.7, 2, 4):
            assumed = {
                "roleArn": f"arn:aws:iam::{account}:role/ProwlerScan",
                "roleSessionName": "ProwlerAssessmentSession",
            }
            month.call(at, pod("prowler", SECURITY), "sts:AssumeRole", assumed, agent=BOTO)
            who = role("ProwlerScan", "ProwlerAssessmentSession", account)
            for step, call in enumerate((*MORE, *READS)):
                month.call(
                    at + step / 1200,
                    who,
                    call,
                    {"instanceId": f"i-{step}", "attribute": "userData"},
                    agent=BOTO + " APN_1826889",
                )
            for step, call in enumerate(REFUSED):
                month.call(
                    at + 0.06 + step / 1200, who, call, error="AccessDeniedException", agent=BOTO + " APN_1826889"
                )
