"""AWS itself: logs being written (and refused, by the thousand), recorders, scaling, backups, keys."""

from __future__ import annotations

from typing import Any

from .day import ACCOUNT, REGION, Day, role_session, service, service_role


def write_logs(day: Day) -> None:
    """A flow log whose role may not create streams any more: nobody has noticed, and AWS tries on."""
    who = role_session("flow-logs", "vpc-flow-logs", invokedBy="vpc-flow-logs.amazonaws.com")
    for at in day.spread(1500):
        stream = {"logGroupName": "/vpc/flow", "logStreamName": f"eni-{day.chance.getrandbits(20):05x}-all"}
        day.call(at, who, "logs:CreateLogStream", stream, error="AccessDenied")
    for at in day.spread(300):
        day.call(at, service("delivery.logs"), "s3:PutObject", {"bucketName": "access-logs"}, error="AccessDenied")
    for at in day.spread(300):
        day.call(at, service("cloudtrail"), "s3:PutObject", {"bucketName": "trail-logs"})


def record_settings(day: Day) -> None:
    who = service_role("config", "AWSServiceRoleForConfig")
    calls = ("ec2:DescribeInstances", "s3:GetBucketPolicy", "iam:ListUsers", "iam:ListRoles", "kms:GetKeyPolicy",
             "lambda:GetPolicy20150331v2", "rds:DescribeDBSnapshots", "s3:GetBucketAcl")  # fmt: skip
    for at in day.spread(400):
        error = "AccessDenied" if day.chance.random() < 0.1 else ""
        day.call(at, who, day.chance.choice(calls), {}, error=error)


def assume_roles(day: Day) -> None:
    for at in day.spread(300):
        role = day.chance.choice(("shop-node", "invoice-fn", "assistant-fn", "flow-logs"))
        day.call(at, service(day.chance.choice(("ec2", "lambda", "ecs-tasks"))), "sts:AssumeRole",
                 {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/{role}", "roleSessionName": role})  # fmt: skip


def scale(day: Day) -> None:
    who = service_role("autoscaling", "AWSServiceRoleForAutoScaling")
    for at in day.spread(50):
        day.call(at, who, "ec2:RunInstances", {"instanceType": "c7g.large", "minCount": 3, "maxCount": 3})
        day.call(at + 0.3, who, "ec2:TerminateInstances", {"instancesSet": {"items": [{"instanceId": "i-0bb"}]}})


def back_up(day: Day) -> None:
    who = role_session(
        "AWSBackupDefaultServiceRole", "AWSBackup", path="service-role/", invokedBy="backup.amazonaws.com"
    )
    for number, at in enumerate(day.spread(40, 1, 3)):
        day.call(at, who, "ec2:CreateSnapshot", {"volumeId": f"vol-{number:017x}"})
        day.call(at + 0.2, who, "ec2:CreateTags", {"tagSet": {"items": [{"key": "aws:backup", "value": "daily"}]}})
        day.call(at + 0.4, who, "ec2:DeleteSnapshot", {"snapshotId": f"snap-{number:017x}"})
    day.call(2.0, who, "rds:CreateDBSnapshot", {"dBInstanceIdentifier": "shop", "dBSnapshotIdentifier": "awsbackup-1"})
    day.call(2.5, who, "rds:DeleteDBSnapshot", {"dBSnapshotIdentifier": "awsbackup-0"})


def use_keys(day: Day) -> None:
    for at in day.spread(500):
        context = {"encryptionContext": {"aws:s3:arn": "arn:aws:s3:::invoices-tmp"}}
        day.call(at, service("s3"), day.chance.choice(("kms:GenerateDataKey", "kms:Decrypt")), context)
    for at in day.spread(2):
        key = {"keyId": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"}
        caller = {"accountId": ACCOUNT, "invokedBy": "kms.amazonaws.com"}
        day.call(at, caller, "kms:RotateKey", None, eventType="AwsServiceEvent", serviceEventDetails=key)


def tell_again(day: Day) -> None:
    """What a VPC endpoint has seen, and two rates of calls that CloudTrail found unusual."""
    through: dict[str, Any] = {
        "eventType": "AwsVpceEvent", "eventCategory": "NetworkActivity", "managementEvent": False,
        "vpcEndpointId": "vpce-0123456789abcdef0",
    }  # fmt: skip
    for at in day.spread(60):
        day.call(at, role_session("shop-node", "i-0123456789abcdef0"), "s3:GetObject", None, ip="10.0.3.17", **through)
    for state in ("Start", "End"):
        day.records.append(
            {
                "eventVersion": "1.09", "eventTime": f"2025-03-04T1{len(state)}:00:00Z", "awsRegion": REGION,
                "eventID": f"11111111-2222-4333-8444-00000000000{len(state)}", "eventType": "AwsCloudTrailInsight",
                "recipientAccountId": ACCOUNT, "sharedEventID": "11111111-2222-4333-8444-555555555555",
                "insightDetails": {
                    "state": state, "eventSource": "iam.amazonaws.com", "eventName": "CreateUser",
                    "insightType": "ApiCallRateInsight",
                    "insightContext": {"statistics": {"baseline": {"average": 0.1}, "insight": {"average": 9.0}}},
                },
                "eventCategory": "Insight",
            }
        )  # fmt: skip


SCENES = (write_logs, record_settings, assume_roles, scale, back_up, use_keys, tell_again)
