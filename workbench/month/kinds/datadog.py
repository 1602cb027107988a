"""Datadog's integration: its account assumes a role here and reads settings of all services, every few minutes."""

from __future__ import annotations

from ..company import GO, MONITORING, PROD, STAGING, VENDOR, foreign, role
from ..month import Month

READS = (
    "ec2:DescribeInstances",
    "ec2:DescribeVolumes",
    "ec2:DescribeRegions",
    "rds:DescribeDBInstances",
    "s3:ListBuckets",
    "lambda:ListFunctions20150331",
    "ecs:ListClusters",
    "elasticloadbalancing:DescribeLoadBalancers",
    "sqs:ListQueues",
    "elasticache:DescribeCacheClusters",
    "dynamodb:ListTables",
    "kinesis:ListStreams",
    "es:ListDomainNames",
    "autoscaling:DescribeAutoScalingGroups",
    "cloudtrail:DescribeTrails",
    "logs:DescribeLogGroups",
    "health:DescribeEvents",
    "elasticmapreduce:ListClusters",
    "redshift:DescribeClusters",
    "states:ListStateMachines",
    "tagging:GetResources",
)


def happens(month: Month) -> None:
    for account in (PROD, STAGING):
        for at in month.runs(5):
            assumed = {"roleArn": f"arn:aws:iam::{account}:role/DatadogIntegrationRole", "externalId": "0a1b2c3d"}
            month.call(at, foreign(MONITORING), "sts:AssumeRole", assumed, ip=VENDOR, agent=GO, account=account)
            who = role("DatadogIntegrationRole", "DatadogAWSIntegration", account)
            for step, call in enumerate(READS):
                error = "AccessDenied" if call.startswith(("health", "states")) else ""
                month.call(at + step / 2000, who, call, {}, ip=VENDOR, agent=GO, error=error)
