"""Terraform plans: everything in the state is read, secrets and parameters as well."""

from __future__ import annotations

from ..company import DEV, NAT, PROD, STAGING, TERRAFORM, arn, role, service
from ..month import Month

READS = (
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeRouteTables",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeInstances",
    "ec2:DescribeVolumes",
    "s3:GetBucketPolicy",
    "s3:GetBucketVersioning",
    "s3:GetBucketEncryption",
    "s3:GetBucketLogging",
    "s3:GetBucketAcl",
    "s3:GetBucketPublicAccessBlock",
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "rds:DescribeDBInstances",
    "rds:DescribeDBClusters",
    "lambda:GetFunction20150331v2",
    "logs:DescribeLogGroups",
    "sqs:GetQueueAttributes",
    "sns:GetTopicAttributes",
    "dynamodb:DescribeTable",
    "ecs:DescribeClusters",
    "iam:GetRole",
    "iam:ListRolePolicies",
    "iam:ListAttachedRolePolicies",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetUser",
    "iam:ListGroupsForUser",
    "iam:ListInstanceProfilesForRole",
    "elasticache:DescribeCacheClusters",
    "cloudwatch:DescribeAlarms",
    "route53:ListResourceRecordSets",
    "acm:DescribeCertificate",
    "wafv2:GetWebACL",
)
ROLE = "terraform"


def happens(month: Month) -> None:
    for account, a_day in ((PROD, 3), (STAGING, 2), (DEV, 1)):
        for number, at in enumerate(month.runs(a_day, 8, 19, workdays=True)):
            who = role(ROLE, f"aws-go-sdk-17514{number:05d}", account)
            month.call(
                at - 0.01,
                service("ec2"),
                "sts:AssumeRole",
                {"roleArn": arn("iam", f"role/{ROLE}", account, "")},
                account=account,
            )
            for step in range(26):
                month.call(at + step / 3600, who, READS[(number + step) % len(READS)], {}, ip=NAT, agent=TERRAFORM)
            for secret in range(12):
                asked = {"secretId": f"{account[:4]}/service-{secret}", "versionStage": "AWSCURRENT"}
                month.call(at + 0.01, who, "secretsmanager:GetSecretValue", asked, ip=NAT, agent=TERRAFORM)
            for name in range(8):
                setting = {"name": f"/platform/setting-{name}", "withDecryption": True}
                month.call(at + 0.012, who, "ssm:GetParameter", setting, ip=NAT, agent=TERRAFORM)
