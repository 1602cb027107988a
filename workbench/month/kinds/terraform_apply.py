"""Terraform applies: networks, roles, keys, buckets and databases are made and changed as they are written down."""

from __future__ import annotations

from ..company import (
    DEV,
    NAT,
    PROD,
    REGION,
    STAGING,
    TERRAFORM,
    arn,
    digest,
    document,
    ingress,
    policy,
    role,
    statement,
    trust,
)
from ..month import Month, Step

BLOCK = {"BlockPublicAcls": True, "BlockPublicPolicy": True, "IgnorePublicAcls": True, "RestrictPublicBuckets": True}


def happens(month: Month) -> None:
    for account, a_day in ((PROD, 1.5), (STAGING, 2), (DEV, 1)):
        for number, at in enumerate(month.runs(a_day, 9, 18, workdays=True)):
            who = role("terraform", f"aws-go-sdk-17515{number:05d}", account)
            made = _service(f"svc-{digest(f'{account}{number}', 6)}", account)
            month.steps(at, who, made, ip=NAT, agent=TERRAFORM)


def _service(name: str, account: str) -> tuple[Step, ...]:
    return (
        *_rights(name, account),
        *_bucket(name),
        *_network(name),
        *_stores(name, account),
        *_tasks(name, account),
        *_around(name, account),
    )


def _rights(name: str, account: str) -> tuple[Step, ...]:
    reads = policy(statement(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{name}-assets/*"))
    tasks, task = trust({"Service": "ecs-tasks.amazonaws.com"}), {"roleName": f"{name}-task"}
    key = policy(statement("kms:*", "*", {"AWS": f"arn:aws:iam::{account}:root"}))
    return (
        ("iam:CreateRole", {**task, "assumeRolePolicyDocument": tasks, "path": "/service/"}),
        ("iam:CreatePolicy", {"policyName": f"{name}-assets", "policyDocument": reads}),
        ("iam:AttachRolePolicy", {**task, "policyArn": arn("iam", f"policy/{name}-assets", account, "")}),
        ("iam:PutRolePolicy", {**task, "policyName": "own", "policyDocument": reads}),
        ("kms:CreateKey", {"description": name, "policy": key}),
        ("kms:CreateAlias", {"aliasName": f"alias/{name}", "targetKeyId": digest(name, 8)}),
        ("kms:EnableKeyRotation", {"keyId": digest(name, 8)}),
    )


def _bucket(name: str) -> tuple[Step, ...]:
    bucket = {"bucketName": f"{name}-assets"}
    only_tls = document(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": f"arn:aws:s3:::{name}-assets/*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    )
    return (
        ("s3:CreateBucket", {**bucket, "CreateBucketConfiguration": {"LocationConstraint": REGION}}),
        ("s3:PutBucketPublicAccessBlock", {**bucket, "PublicAccessBlockConfiguration": BLOCK}),
        ("s3:PutBucketVersioning", {**bucket, "VersioningConfiguration": {"Status": "Enabled"}}),
        ("s3:PutBucketEncryption", bucket),
        ("s3:PutBucketPolicy", {**bucket, "bucketPolicy": only_tls}),
    )


def _network(name: str) -> tuple[Step, ...]:
    return (
        ("ec2:CreateSecurityGroup", {"groupName": name, "groupDescription": name, "vpcId": "vpc-0123456789abcdef0"}),
        ("ec2:AuthorizeSecurityGroupIngress", ingress("10.20.0.0/16", 5432, f"sg-{digest(name)}")),
        ("ec2:AuthorizeSecurityGroupIngress", ingress("0.0.0.0/0", 443, f"sg-{digest(name + 'lb')}")),
        ("ec2:RevokeSecurityGroupIngress", ingress("10.21.0.0/16", 5432, f"sg-{digest(name)}")),
    )


def _stores(name: str, account: str) -> tuple[Step, ...]:
    database = {
        "dBInstanceIdentifier": name,
        "publiclyAccessible": False,
        "deletionProtection": True,
        "dBInstanceClass": "db.t4g.medium",
        "engine": "postgres",
        "manageMasterUserPassword": True,
    }
    queue = policy(
        statement(
            "sqs:SendMessage",
            arn("sqs", name, account),
            {"Service": "sns.amazonaws.com"},
            {"ArnEquals": {"aws:SourceArn": arn("sns", "orders", account)}},
        )
    )
    url = f"https://sqs.{REGION}.amazonaws.com/{account}/{name}"
    return (
        ("rds:CreateDBInstance", database),
        ("secretsmanager:CreateSecret", {"name": f"{name}/api", "clientRequestToken": digest(name, 32)}),
        ("sqs:CreateQueue", {"queueName": name}),
        ("sqs:SetQueueAttributes", {"queueUrl": url, "attributes": {"Policy": queue}}),
    )


def _tasks(name: str, account: str) -> tuple[Step, ...]:
    listener = {"listenerArn": arn("elasticloadbalancing", "listener/app/main/1/2", account)}
    task = arn("iam", f"role/service/{name}-task", account, "")
    return (
        ("ecs:RegisterTaskDefinition", {"family": name, "taskRoleArn": task}),
        ("ecs:CreateService", {"cluster": "main", "serviceName": name, "desiredCount": 2}),
        ("elasticloadbalancing:CreateTargetGroup", {"name": name, "protocol": "HTTP", "port": 8080}),
        ("elasticloadbalancing:CreateRule", listener),
        ("elasticloadbalancing:ModifyListener", listener),
    )


def _around(name: str, account: str) -> tuple[Step, ...]:
    record = {"action": "UPSERT", "resourceRecordSet": {"name": f"{name}.example.com", "type": "A"}}
    zone = {"hostedZoneId": "Z0123456789EXAMPLE", "changeBatch": {"changes": [record]}}
    target = {"id": "1", "arn": arn("lambda", "function:cron", account)}
    return (
        ("route53:ChangeResourceRecordSets", zone),
        ("monitoring:PutMetricAlarm", {"alarmName": f"{name}-latency"}),
        ("logs:CreateLogGroup", {"logGroupName": f"/ecs/{name}"}),
        ("logs:PutRetentionPolicy", {"logGroupName": f"/ecs/{name}", "retentionInDays": 30}),
        ("lambda:UpdateFunctionConfiguration20150331v2", {"functionName": f"{name}-cron", "timeout": 60}),
        ("events:PutTargets", {"rule": f"{name}-nightly", "targets": [target]}),
        ("wafv2:UpdateWebACL", {"name": "main", "scope": "REGIONAL", "id": "1"}),
    )
