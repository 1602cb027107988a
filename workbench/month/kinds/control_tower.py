"""Control Tower and Account Factory: a new account is made and set up, baselines are renewed."""

from __future__ import annotations

from ..company import MANAGEMENT, REGION, digest, document, role, service, statement, through, trust
from ..month import Month, Step

EXECUTION = "AWSControlTowerExecution"
ADMINISTRATOR = {"roleName": "aws-controltower-AdministratorExecutionRole"}
RECORDER = "aws-controltower-BaselineConfigRecorder"


def happens(month: Month) -> None:
    tower = through(role("AWSControlTowerAdmin", "AWSControlTower", MANAGEMENT, "service-role/"), "controltower")
    for number, at in enumerate(month.runs(0.1, 9, 17, workdays=True)):
        account = f"4567{number:02d}123456"
        by = through(role(EXECUTION, "AWSControlTower-Session", account), "cloudformation")
        month.steps(at, tower, _made(number, account))
        month.steps(at + 0.1, by, (*_roles(), *_records(), *_rest(account)), region=REGION)
        month.call(
            at + 0.2,
            service("controltower"),
            "controltower:CreateManagedAccount",
            eventType="AwsServiceEvent",
            account=MANAGEMENT,
            serviceEventDetails={"createManagedAccountStatus": {"state": "SUCCEEDED"}},
        )


def _made(number: int, account: str) -> tuple[Step, ...]:
    stacks = {"stackSetName": "AWSControlTowerBP-BASELINE-CLOUDTRAIL", "accounts": [account]}
    return (
        ("organizations:CreateAccount", {"accountName": f"team-{number}", "email": "***"}),
        ("organizations:MoveAccount", {"accountId": account}),
        ("organizations:AttachPolicy", {"policyId": "p-guard", "targetId": account}),
        ("cloudformation:CreateStackInstances", stacks),
    )


def _roles() -> tuple[Step, ...]:
    audits = trust({"AWS": f"arn:aws:iam::{MANAGEMENT}:role/aws-controltower-AuditAdministratorRole"})
    everything = "arn:aws:iam::aws:policy/AdministratorAccess"
    return (
        ("iam:CreateRole", {**ADMINISTRATOR, "assumeRolePolicyDocument": audits}),
        ("iam:AttachRolePolicy", {**ADMINISTRATOR, "policyArn": everything}),
    )


def _records() -> tuple[Step, ...]:
    recorder = {"name": RECORDER, "recordingGroup": {"allSupported": True}}
    return (
        ("config:PutConfigurationRecorder", {"configurationRecorder": recorder}),
        ("config:StartConfigurationRecorder", {"configurationRecorderName": RECORDER}),
    )


def _rest(account: str) -> tuple[Step, ...]:
    templates = document(
        statement("s3:GetObject", "arn:aws:s3:::cf-templates/*", {"Service": "cloudformation.amazonaws.com"})
    )
    return (
        ("sns:CreateTopic", {"name": "aws-controltower-SecurityNotifications"}),
        ("events:PutRule", {"name": "aws-controltower-ConfigComplianceChangeEventRule"}),
        ("ec2:DeleteVpc", {"vpcId": f"vpc-{digest(account)}"}),
        ("s3:PutBucketPolicy", {"bucketName": "cf-templates", "bucketPolicy": templates}),
    )
