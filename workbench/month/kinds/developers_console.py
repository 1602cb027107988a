"""Developers look around in the console, and are refused what its pages ask for besides."""

from __future__ import annotations

from ..company import BROWSER, DEV, DEVELOPERS, OFFICE, PROD, STAGING, home, person
from ..month import Month

PAGES = {
    "ec2": (
        "DescribeInstances",
        "DescribeInstanceStatus",
        "DescribeSecurityGroups",
        "DescribeVolumes",
        "DescribeSnapshots",
        "DescribeAddresses",
        "DescribeKeyPairs",
        "DescribeImages",
        "DescribeVpcs",
    ),
    "lambda": ("ListFunctions20150331", "GetAccountSettings20160819", "GetFunction20150331v2", "GetPolicy20150331v2"),
    "s3": ("ListBuckets", "GetBucketLocation", "GetBucketPublicAccessBlock", "GetBucketAcl", "GetBucketPolicyStatus"),
    "logs": ("DescribeLogGroups", "DescribeLogStreams", "FilterLogEvents", "StartQuery", "GetQueryResults"),
    "monitoring": ("DescribeAlarms", "GetMetricData", "ListMetrics", "ListDashboards"),
    "rds": ("DescribeDBInstances", "DescribeDBClusters", "DescribeDBSnapshots", "DescribePendingMaintenanceActions"),
    "cloudformation": ("ListStacks", "DescribeStacks", "DescribeStackEvents", "ListChangeSets"),
    "iam": ("ListRoles", "GetRole", "ListAttachedRolePolicies", "ListRolePolicies", "GetAccountSummary"),
}
REFUSED = (
    "health:DescribeEventAggregates",
    "ce:GetCostAndUsage",
    "organizations:DescribeOrganization",
    "notifications:ListNotificationHubs",
    "servicecatalog:ListApplications",
    "cost-optimization-hub:ListEnrollmentStatuses",
    "compute-optimizer:GetEnrollmentStatus",
    "support:DescribeTrustedAdvisorChecks",
)


def happens(month: Month) -> None:
    for number, at in enumerate(month.runs(14, 8.5, 18, workdays=True)):
        name = DEVELOPERS[number % len(DEVELOPERS)]
        who = person(name, "DeveloperAccess", (PROD, STAGING, DEV)[number % 3], console=True)
        ip = home(name) if number % 4 == 0 else OFFICE
        for page in month.chance.sample(sorted(PAGES), 2):
            for step, call in enumerate(PAGES[page]):
                month.call(at + step / 1800, who, f"{page}:{call}", {}, ip=ip, agent=BROWSER)
        for call in month.chance.sample(REFUSED, 2):
            month.call(at, who, call, error="AccessDenied", ip=ip, agent=BROWSER)
