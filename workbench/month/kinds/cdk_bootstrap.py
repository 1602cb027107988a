"""CDK: a developer bootstraps an account, with the role that may do everything; pipelines deploy by its roles."""

from __future__ import annotations

from ..company import CLI, DEV, DEVELOPERS, OFFICE, SANDBOX, person, role, runner, through, trust, workflow
from ..month import Month

PREFIX = "cdk-hnb659fds"


def happens(month: Month) -> None:
    for day, account in ((4, DEV), (15, SANDBOX)):
        at, who = month.on(day, 10.3), person(DEVELOPERS[0], "PlatformAdmin", account)
        month.call(
            at,
            who,
            "cloudformation:CreateChangeSet",
            {"stackName": "CDKToolkit", "capabilities": ["CAPABILITY_NAMED_IAM"]},
            ip=OFFICE,
            agent=CLI,
        )
        by = through(who, "cloudformation")
        names = ("cfn-exec-role", "deploy-role", "file-publishing-role", "image-publishing-role", "lookup-role")
        for name in names:
            full = f"{PREFIX}-{name}-{account}-eu-central-1"
            principal = (
                {"Service": "cloudformation.amazonaws.com"}
                if name == "cfn-exec-role"
                else {"AWS": f"arn:aws:iam::{account}:root"}
            )
            month.call(
                at + 0.02, by, "iam:CreateRole", {"roleName": full, "assumeRolePolicyDocument": trust(principal)}
            )
        granted = {
            "roleName": f"{PREFIX}-cfn-exec-role-{account}-eu-central-1",
            "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
        }
        month.steps(
            at + 0.03,
            by,
            (
                ("iam:AttachRolePolicy", granted),
                ("ecr:CreateRepository", {"repositoryName": f"{PREFIX}-container-assets-{account}-eu-central-1"}),
                ("s3:CreateBucket", {"bucketName": f"{PREFIX}-assets-{account}-eu-central-1"}),
                ("ssm:PutParameter", {"name": "/cdk-bootstrap/hnb659fds/version", "type": "String"}),
            ),
        )
    for number, at in enumerate(month.runs(1.5, 9, 18, workdays=True)):
        deploys = {"roleArn": f"arn:aws:iam::{DEV}:role/{PREFIX}-deploy-role-{DEV}-eu-central-1"}
        month.call(at - 0.005, workflow("cdk", number, DEV), "sts:AssumeRole", deploys, ip=runner(number))
        who = role(f"{PREFIX}-deploy-role-{DEV}-eu-central-1", f"aws-cdk-{number}", DEV)
        passed = {"stackName": "web", "roleARN": f"arn:aws:iam::{DEV}:role/{PREFIX}-cfn-exec-role-{DEV}-eu-central-1"}
        month.steps(
            at,
            who,
            (("cloudformation:CreateChangeSet", passed), ("cloudformation:ExecuteChangeSet", passed)),
            ip=runner(number),
        )
        by = through(role(f"{PREFIX}-cfn-exec-role-{DEV}-eu-central-1", "AWSCloudFormation", DEV), "cloudformation")
        month.call(at + 0.02, by, "lambda:UpdateFunctionCode20150331v2", {"functionName": "web"})
