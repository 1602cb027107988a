"""People at work: signing in, looking around in the console, being refused, closing the month's invoices."""

from __future__ import annotations

from typing import Any

from .day import ACCOUNT, MIDNIGHT, Day, person

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
DEVELOPERS = ("ada", "ben", "cleo", "dora", "emil", "finn")
#: What the console's pages ask for when they are opened.
PAGES = {
    "ec2": ("DescribeInstances", "DescribeInstanceStatus", "DescribeSecurityGroups", "DescribeVolumes",
            "DescribeSnapshots", "DescribeAddresses", "DescribeKeyPairs", "DescribeImages", "DescribeVpcs"),
    "lambda": ("ListFunctions20150331", "GetAccountSettings20160819", "GetFunction20150331v2", "GetPolicy20150331v2"),
    "s3": ("ListBuckets", "GetBucketLocation", "GetBucketPublicAccessBlock", "GetBucketAcl", "GetBucketPolicyStatus"),
    "logs": ("DescribeLogGroups", "DescribeLogStreams", "FilterLogEvents", "StartQuery", "GetQueryResults"),
    "monitoring": ("DescribeAlarms", "GetMetricData", "ListMetrics", "ListDashboards"),
    "rds": ("DescribeDBInstances", "DescribeDBClusters", "DescribeDBSnapshots", "DescribePendingMaintenanceActions"),
    "cloudformation": ("ListStacks", "DescribeStacks", "DescribeStackEvents", "ListChangeSets"),
}  # fmt: skip
#: What pages ask for besides, which developers may not.
REFUSED = (
    "health:DescribeEventAggregates", "ce:GetCostAndUsage", "organizations:DescribeOrganization",
    "notifications:ListNotificationHubs", "servicecatalog:ListApplications",
)  # fmt: skip


def sign_in(day: Day) -> None:
    for name in DEVELOPERS:
        for at in (8.5 + day.chance.random(), 13 + day.chance.random()):
            who = person(name, "DeveloperAccess")
            _signed_in(day, at, who, "Success", MFAUsed="No", SamlProviderArn=_saml())
    operator = _operator()
    _signed_in(day, 9.0, operator, "Failure", MFAUsed="Yes")
    _signed_in(day, 9.01, operator, "Success", MFAUsed="Yes")
    for at in day.spread(12, 9.05, 11):
        day.call(at, _operator(), f"rds:{day.chance.choice(PAGES['rds'])}", {}, agent=BROWSER)


def look_around(day: Day) -> None:
    for name in DEVELOPERS:
        who = person(name, "DeveloperAccess")
        who["sessionContext"]["sessionCredentialFromConsole"] = "true"
        for start in day.spread(5, 8.7, 17.5):
            for page in day.chance.sample(sorted(PAGES), 2):
                for number, call in enumerate(PAGES[page]):
                    day.call(start + number / 1800, who, f"{page}:{call}", {}, agent=BROWSER)
            for number, call in enumerate(day.chance.sample(REFUSED, 3)):
                day.call(start + number / 900, who, call, error="AccessDenied", agent=BROWSER)


def write_by_hand(day: Day) -> None:
    who = person("ada", "DeveloperAccess")
    day.call(10.2, who, "logs:PutQueryDefinition", {"name": "errors"}, agent=BROWSER)
    day.call(10.4, who, "monitoring:PutMetricAlarm", {"alarmName": "latency"}, agent=BROWSER)
    day.call(11.0, person("ben", "DeveloperAccess"), "s3:CreateBucket", {"bucketName": "scratch-ben"}, agent=BROWSER)
    day.call(11.1, person("cleo", "DeveloperAccess"), "ec2:RebootInstances", _instance(), agent=BROWSER)
    day.call(14.0, person("dora", "DeveloperAccess"), "dynamodb:UpdateTable", {"tableName": "carts"}, agent=BROWSER)
    day.call(15.0, person("ida", "DatabaseAdmin"), "rds:CreateDBSnapshot",
             {"dBInstanceIdentifier": "shop", "dBSnapshotIdentifier": "before-upgrade"}, agent=BROWSER)  # fmt: skip
    on_call = person("emil", "OnCall")
    day.call(3.2, on_call, "ssm:StartSession", {"target": "i-0123456789abcdef0"}, ip="203.0.113.7")
    day.call(3.5, on_call, "ssm:TerminateSession", {"sessionId": "emil-0123"}, ip="203.0.113.7")


def close_invoices(day: Day) -> None:
    """The accountant reads invoices by Identity Center; AWS closes the month, and scales on behalf of root."""
    who = person("greta", "Billing")
    for at in day.spread(30, 9.5, 12):
        call = day.chance.choice(("GetBillsForBillingPeriod", "ListInvoices", "GetInvoicePDF", "GetPaymentPreferences"))
        day.call(at, who, f"billingconsole:{call}", {}, agent=BROWSER)
    root = {"type": "Root", "principalId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}
    closing: dict[str, Any] = {"eventType": "AwsServiceEvent", "readOnly": False}
    day.call(5.0, {"accountId": ACCOUNT, "invokedBy": "billingconsole.amazonaws.com"}, "billingconsole:CloseInvoice",
             None, **closing)  # fmt: skip
    for at in day.spread(20):
        scaling = {**root, "invokedBy": "autoscaling.amazonaws.com"}
        day.call(at, scaling, "ec2:RunInstances", {"instanceType": "m6i.large"})


def command_line(day: Day) -> None:
    for name in DEVELOPERS:
        who = person(name, "DeveloperAccess")
        for at in day.spread(6, 9, 18):
            day.call(at, who, "sts:GetCallerIdentity", None, agent="aws-cli/2.17.20 md/Botocore")
            day.call(at + 0.01, who, "s3:ListBuckets", {}, agent="aws-cli/2.17.20 md/Botocore")
            day.call(at + 0.02, who, "ecr:GetAuthorizationToken", {}, agent="aws-cli/2.17.20 md/Botocore")
    day.call(16.0, person("finn", "DeveloperAccess"), "secretsmanager:GetSecretValue", {"secretId": "staging/shop"},
             agent="aws-cli/2.17.20 md/Botocore")  # fmt: skip


def _signed_in(day: Day, at: float, who: dict[str, Any], outcome: str, **more: str) -> None:
    day.call(
        at, who, "signin:ConsoleLogin", None, agent=BROWSER, eventType="AwsConsoleSignIn",
        responseElements={"ConsoleLogin": outcome}, additionalEventData={"MobileVersion": "No", **more},
        **({"errorMessage": "Failed authentication"} if outcome == "Failure" else {}),
    )  # fmt: skip


def _operator() -> dict[str, Any]:
    """The one IAM user who still signs in by himself, with a second factor."""
    started = MIDNIGHT.strftime("%Y-%m-%dT09:00:36Z")
    return {
        "type": "IAMUser", "principalId": "AIDAEXAMPLEOPERATOR", "arn": f"arn:aws:iam::{ACCOUNT}:user/operator",
        "accountId": ACCOUNT, "userName": "operator", "accessKeyId": "ASIAEXAMPLEOPERATOR",
        "sessionContext": {"attributes": {"mfaAuthenticated": "true", "creationDate": started}},
    }  # fmt: skip


def _saml() -> str:
    return f"arn:aws:iam::{ACCOUNT}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE"


def _instance() -> dict[str, Any]:
    return {"instancesSet": {"items": [{"instanceId": "i-0123456789abcdef0"}]}}


def mistype(day: Day) -> None:
    """At the portal of Identity Center: each is in at the second try."""
    for number, name in enumerate(DEVELOPERS[:3]):
        who = {"type": "Unknown", "principalId": ACCOUNT, "arn": "", "accountId": ACCOUNT, "userName": name}
        for step, result in enumerate(("Failure", "Success")):
            day.call(
                8.2 + number / 10 + step / 90, who, "signin:CredentialVerification", None, agent=BROWSER,
                eventType="AwsServiceEvent", additionalEventData={"CredentialType": "PASSWORD", "UserName": name},
                serviceEventDetails={"CredentialVerification": result},
            )  # fmt: skip


SCENES = (sign_in, look_around, write_by_hand, close_invoices, command_line, mistype)
