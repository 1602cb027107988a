"""Developers try things out by hand in the development account."""

from __future__ import annotations

from ..company import BROWSER, DEV, DEVELOPERS, OFFICE, digest, ingress, instances, person
from ..month import Month, Step


def happens(month: Month) -> None:
    for number, at in enumerate(month.runs(3, 9, 18, workdays=True)):
        who = person(month.chance.choice(DEVELOPERS), "DeveloperAccess", DEV, console=True)
        month.steps(at, who, month.chance.choice(_tried(f"try-{number}")), seconds=30, ip=OFFICE, agent=BROWSER)


def _tried(name: str) -> tuple[tuple[Step, ...], ...]:
    node = f"i-{digest(name)}"
    launched = {"instancesSet": {"items": [{"instanceId": node}]}}
    role = f"arn:aws:iam::{DEV}:role/lambda-basic"
    return (
        (
            ("s3:CreateBucket", {"bucketName": name}),
            ("s3:PutBucketVersioning", {"bucketName": name, "VersioningConfiguration": {"Status": "Enabled"}}),
        ),
        (("s3:DeleteBucket", {"bucketName": name}),),
        (("ec2:RunInstances", {"instanceType": "t3.medium"}, launched), ("ec2:TerminateInstances", instances(node))),
        (("ec2:AuthorizeSecurityGroupIngress", ingress("192.0.2.10/32", 22, f"sg-{digest(name)}")),),
        (("ec2:RebootInstances", instances(node)), ("ec2:StopInstances", instances(node))),
        (
            ("lambda:CreateFunction20150331", {"functionName": name, "role": role}),
            ("lambda:UpdateFunctionCode20150331v2", {"functionName": name}),
        ),
        (("dynamodb:CreateTable", {"tableName": name}), ("dynamodb:DeleteTable", {"tableName": name})),
        (("sqs:CreateQueue", {"queueName": name}), ("sqs:PurgeQueue", {"queueUrl": name})),
        (("monitoring:PutMetricAlarm", {"alarmName": name}), ("monitoring:DeleteAlarms", {"alarmNames": [name]})),
        (("logs:PutQueryDefinition", {"name": name}), ("logs:DeleteLogGroup", {"logGroupName": f"/aws/lambda/{name}"})),
        (("ecs:UpdateService", {"service": name, "cluster": "main", "desiredCount": 1}),),
        (("states:UpdateStateMachine", {"stateMachineArn": f"arn:aws:states:eu-central-1:{DEV}:stateMachine:{name}"}),),
        (("events:PutRule", {"name": name}), ("events:PutTargets", {"rule": name, "targets": [{"id": "1"}]})),
        (("secretsmanager:CreateSecret", {"name": name}), ("secretsmanager:PutSecretValue", {"secretId": name})),
        (("apigateway:CreateRestApi", {"createRestApiInput": {"name": name}}),),
        (
            ("rds:CreateDBInstance", {"dBInstanceIdentifier": name, "publiclyAccessible": False}),
            (
                "rds:DeleteDBInstance",
                {"dBInstanceIdentifier": name, "skipFinalSnapshot": True, "deleteAutomatedBackups": True},
            ),
        ),
    )
