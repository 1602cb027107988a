"""Control Tower and Account Factory: a new account is made and set up, baselines are renewed."""

from __future__ import annotations

from ..company import MANAGEMENT, REGION, digest, document, role, service, statement, through, trust
from ..month import Month

EXECUTION = "AWSControlTowerExecution"


def happens(month: Month) -> None:
    tower = through(role("AWSControlTowerAdmin", "AWSControlTower", MANAGEMENT, "service-role/"), "controltower")
    for number, at in enumerate(month.runs(0.1, 9, 17, workdays=True)):
        account = f"4567{number:02d}123456"
        month.steps(
            at,
            tower,
            (
                ("organizations:CreateAccount", {"accountName": f"team-{number}", "email": "***"}),
                ("organizations:MoveAccount", {"accountId": account}),
                ("organizations:AttachPolicy", {"policyId": "p-guard", "targetId": account}),
                (
                    "cloudformation:CreateStackInstances",
                    {"stackSetName": "AWSControlTowerBP-BASELINE-CLOUDTRAIL", "accounts": [account]},
                ),
            ),
        )
        by = through(role(EXECUTION, "AWSControlTower-Session", account), "cloudformation")
        month.steps(
            at + 0.1,
            by,
            (
                (
                    "iam:CreateRole",
                    {
                        "roleName": "aws-controltower-AdministratorExecutionRole",
                        "assumeRolePolicyDocument": trust(
                            {"AWS": f"arn:aws:iam::{MANAGEMENT}:role/aws-controltower-AuditAdministratorRole"}
                        ),
                    },
                ),
                (
                    "iam:AttachRolePolicy",
                    {
                        "roleName": "aws-controltower-AdministratorExecutionRole",
                        "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
                    },
                ),
                (
                    "config:PutConfigurationRecorder",
                    {
                        "configurationRecorder": {
                            "name": "aws-controltower-BaselineConfigRecorder",
                            "recordingGroup": {"allSupported": True},
                        }
                    },
                ),
                (
                    "config:StartConfigurationRecorder",
                    {"configurationRecorderName": "aws-controltower-BaselineConfigRecorder"},
                ),
                ("sns:CreateTopic", {"name": "aws-controltower-SecurityNotifications"}),
                ("events:PutRule", {"name": "aws-controltower-ConfigComplianceChangeEventRule"}),
                ("ec2:DeleteVpc", {"vpcId": f"vpc-{digest(account)}"}),
                (
                    "s3:PutBucketPolicy",
                    {
                        "bucketName": "cf-templates",
                        "bucketPolicy": document(
                            statement(
                                "s3:GetObject",
                                "arn:aws:s3:::cf-templates/*",
                                {"Service": "cloudformation.amazonaws.com"},
                            )
                        ),
                    },
                ),
            ),
            region=REGION,
        )
        month.call(
            at + 0.2,
            service("controltower"),
            "controltower:CreateManagedAccount",
            eventType="AwsServiceEvent",
            account=MANAGEMENT,
            serviceEventDetails={"createManagedAccountStatus": {"state": "SUCCEEDED"}},
        )
