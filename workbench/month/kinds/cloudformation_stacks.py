"""Stacks that a deployment role creates, updates and deletes: CloudFormation calls on its behalf."""

from __future__ import annotations

from ..company import PROD, STAGING, digest, ingress, policy, role, runner, statement, through, trust, workflow
from ..month import Month, Step

BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def happens(month: Month) -> None:
    for account in (PROD, STAGING):
        for number, at in enumerate(month.runs(1.5, 9, 18, workdays=True)):
            name = f"api-{digest(f'{account}{number}', 5)}"
            deployer = workflow("stack-deploy", number, account)
            verb = month.chance.choice(("CreateStack", "UpdateStack", "UpdateStack", "DeleteStack"))
            month.call(
                at,
                deployer,
                f"cloudformation:{verb}",
                {
                    "stackName": name,
                    "roleARN": f"arn:aws:iam::{account}:role/cfn-exec",
                    "capabilities": ["CAPABILITY_NAMED_IAM"],
                },
                ip=runner(number),
            )
            done = _deleted(name) if verb == "DeleteStack" else _made(name, account)
            month.steps(at + 0.01, through(role("cfn-exec", "AWSCloudFormation", account), "cloudformation"), done)


def _made(name: str, account: str) -> tuple[Step, ...]:
    rights = policy(statement(["dynamodb:GetItem", "dynamodb:PutItem"], f"arn:aws:dynamodb:*:{account}:table/{name}"))
    return (
        (
            "iam:CreateRole",
            {"roleName": f"{name}-fn", "assumeRolePolicyDocument": trust({"Service": "lambda.amazonaws.com"})},
        ),
        ("iam:AttachRolePolicy", {"roleName": f"{name}-fn", "policyArn": BASIC}),
        ("iam:PutRolePolicy", {"roleName": f"{name}-fn", "policyName": "table", "policyDocument": rights}),
        ("dynamodb:CreateTable", {"tableName": name}),
        ("lambda:CreateFunction20150331", {"functionName": name, "role": f"arn:aws:iam::{account}:role/{name}-fn"}),
        (
            "lambda:AddPermission20150331v2",
            {
                "functionName": name,
                "principal": "apigateway.amazonaws.com",
                "action": "lambda:InvokeFunction",
                "sourceArn": f"arn:aws:execute-api:eu-central-1:{account}:a1b2c3/*",
            },
        ),
        ("apigateway:CreateRestApi", {"createRestApiInput": {"name": name}}),
        ("apigateway:CreateDeployment", {"restApiId": "a1b2c3"}),
        ("ec2:AuthorizeSecurityGroupIngress", ingress("0.0.0.0/0", 443)),
        ("logs:CreateLogGroup", {"logGroupName": f"/aws/lambda/{name}"}),
        ("events:PutRule", {"name": f"{name}-nightly"}),
    )


def _deleted(name: str) -> tuple[Step, ...]:
    return (
        ("lambda:DeleteFunction20150331", {"functionName": name}),
        ("apigateway:DeleteRestApi", {"restApiId": "a1b2c3"}),
        ("dynamodb:DeleteTable", {"tableName": name}),
        ("logs:DeleteLogGroup", {"logGroupName": f"/aws/lambda/{name}"}),
        ("iam:DetachRolePolicy", {"roleName": f"{name}-fn", "policyArn": BASIC}),
        ("iam:DeleteRolePolicy", {"roleName": f"{name}-fn", "policyName": "table"}),
        ("iam:DeleteRole", {"roleName": f"{name}-fn"}),
        ("events:DeleteRule", {"name": f"{name}-nightly"}),
    )
