"""CodePipeline, CodeBuild and CodeDeploy, by their service roles."""

from __future__ import annotations

from ..company import STAGING, role, service, through
from ..month import Month


def happens(month: Month) -> None:
    for number, at in enumerate(month.runs(4, 8, 19, workdays=True)):
        pipeline = through(role("codepipeline-service", f"17514{number:05d}", STAGING), "codepipeline")
        month.call(
            at,
            service("codepipeline"),
            "sts:AssumeRole",
            {"roleArn": f"arn:aws:iam::{STAGING}:role/codepipeline-service"},
            account=STAGING,
        )
        month.steps(
            at,
            pipeline,
            (
                ("codebuild:StartBuild", {"projectName": "api"}),
                ("codebuild:BatchGetBuilds", {"ids": ["api:1"]}),
                ("codedeploy:CreateDeployment", {"applicationName": "api", "deploymentGroupName": "blue"}),
                ("codedeploy:GetDeployment", {}),
                ("cloudformation:UpdateStack", {"stackName": "api"}),
            ),
        )
        build = role("codebuild-api", f"AWSCodeBuild-{number}", STAGING)
        month.steps(
            at + 0.02,
            build,
            (
                ("logs:CreateLogStream", {"logGroupName": "/aws/codebuild/api"}),
                ("ecr:GetAuthorizationToken", {}),
                ("ssm:GetParameters", {"names": [f"/build/key-{n}" for n in range(6)], "withDecryption": True}),
                ("secretsmanager:GetSecretValue", {"secretId": "build/registry"}),
                ("codeartifact:GetAuthorizationToken", {"domain": "example"}),
                ("ecr:PutImage", {"repositoryName": "api"}),
            ),
            ip="198.51.100.80",
        )
