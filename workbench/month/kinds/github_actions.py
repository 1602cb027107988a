"""GitHub Actions deploys by OpenID Connect, from runners whose addresses nobody knows beforehand."""

from __future__ import annotations

from ..company import DEV, PROD, STAGING, runner, workflow
from ..month import Month

AGENT = "aws-cli/2.17.20 md/awscrt#0.20.11 ua/2.0 os/linux#6.5.0-azure exec-env/GitHubActions lang/python#3.11.8"


def happens(month: Month) -> None:
    for account, a_day in ((PROD, 6), (STAGING, 6), (DEV, 2)):
        for number, at in enumerate(month.runs(a_day, 8, 19, workdays=True)):
            ip, name = runner(number + int(account[0]) * 1000), f"shop-{number % 7}"
            subject = "repo:example/shop:ref:refs/heads/main"
            web = {
                "type": "WebIdentityUser",
                "principalId": f"token.actions.githubusercontent.com:sts.amazonaws.com:{subject}",
                "userName": subject,
                "identityProvider": f"arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com",
            }
            month.call(
                at,
                web,
                "sts:AssumeRoleWithWebIdentity",
                {"roleArn": f"arn:aws:iam::{account}:role/deploy", "roleSessionName": f"GitHubActions-{number}"},
                ip=ip,
                agent=AGENT,
                account=account,
            )
            month.steps(
                at + 0.002,
                workflow("deploy", number, account),
                (
                    ("sts:GetCallerIdentity", None),
                    ("ecr:GetAuthorizationToken", {}),
                    ("ecr:InitiateLayerUpload", {"repositoryName": name}),
                    ("ecr:PutImage", {"repositoryName": name, "imageTag": f"v{number}"}),
                    ("ecs:DescribeServices", {"cluster": "main"}),
                    (
                        "ecs:RegisterTaskDefinition",
                        {"family": name, "taskRoleArn": f"arn:aws:iam::{account}:role/{name}-task"},
                    ),
                    ("ecs:UpdateService", {"service": name, "cluster": "main", "taskDefinition": name}),
                    ("lambda:UpdateFunctionCode20150331v2", {"functionName": name, "publish": False}),
                    ("lambda:PublishVersion20150331", {"functionName": name}),
                    ("cloudfront:CreateInvalidation2020_05_31", {"distributionId": "E1EXAMPLE"}),
                ),
                ip=ip,
                agent=AGENT,
            )
