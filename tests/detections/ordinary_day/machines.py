"""What the company's own machines do: pipelines, Terraform, applications, a scanner that the company pays for."""

from __future__ import annotations

import json
from typing import Any

from .day import ACCOUNT, NAT, REGION, Day, role_session

TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.9.2 terraform-provider-aws/5.60.0"
PIPELINE = "aws-cli/2.17.20 md/Botocore exec-env/GitHubActions"
SERVICES = ("shop", "cart", "search", "mail", "invoice")


def deploy(day: Day) -> None:
    """Forty deployments of functions and containers by a role that the pipeline assumes."""
    for number, at in enumerate(day.spread(40, 8, 19)):
        name = day.chance.choice(SERVICES)
        who = role_session("deploy", f"run-{number}")
        web = {"type": "WebIdentityUser", "principalId": "token.actions.githubusercontent.com",
               "userName": "repo:example/shop:ref:refs/heads/main", "identityProvider": _issuer()}  # fmt: skip
        day.call(at, web, "sts:AssumeRoleWithWebIdentity", {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/deploy"}, ip=NAT)
        function = {"functionName": name}
        for step, (call, parameters) in enumerate((
            ("ecr:GetAuthorizationToken", {}),
            ("ecr:PutImage", {"repositoryName": name}),
            ("lambda:UpdateFunctionCode20150331v2", {**function, "publish": False, "dryRun": False}),
            ("lambda:UpdateFunctionConfiguration20150331v2", {**function, "timeout": 30}),
            ("lambda:PublishVersion20150331", function),
            ("lambda:UpdateAlias20150331", {**function, "name": "live"}),
            ("ecs:RegisterTaskDefinition", {"family": name}),
            ("ecs:UpdateService", {"service": name, "cluster": "main"}),
            ("cloudfront:CreateInvalidation", {"distributionId": "E1EXAMPLE"}),
        ), 1):  # fmt: skip
            day.call(at + step / 600, who, call, parameters, ip=NAT, agent=PIPELINE)


def stacks(day: Day) -> None:
    """CloudFormation creating a service on behalf of the pipeline's role."""
    who = role_session("deploy", "stack-7", invokedBy="cloudformation.amazonaws.com")
    trust = _policy({"Service": "lambda.amazonaws.com"}, "sts:AssumeRole")
    own = {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"],
           "Resource": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/carts"}  # fmt: skip
    inline = json.dumps({"Version": "2012-10-17", "Statement": [own]})
    basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    for step, (call, parameters) in enumerate((
        ("iam:CreateRole", {"roleName": "shop-fn", "assumeRolePolicyDocument": trust}),
        ("iam:PutRolePolicy", {"roleName": "shop-fn", "policyName": "own-table", "policyDocument": inline}),
        ("iam:AttachRolePolicy", {"roleName": "shop-fn", "policyArn": basic}),
        ("lambda:CreateFunction20150331", {"functionName": "shop-fn", "role": f"arn:aws:iam::{ACCOUNT}:role/shop-fn"}),
        ("lambda:AddPermission20150331v2", {"functionName": "shop-fn", "principal": "events.amazonaws.com",
         "action": "lambda:InvokeFunction", "sourceArn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/nightly"}),
        ("events:PutRule", {"name": "nightly", "scheduleExpression": "rate(1 day)"}),
        ("ec2:CreateSecurityGroup", {"groupName": "shop-lb", "groupDescription": "web"}),
        ("ec2:AuthorizeSecurityGroupIngress", _open_to("0.0.0.0/0", 443)),
        ("ec2:AuthorizeSecurityGroupIngress", _open_to("10.0.0.0/16", 5432)),
        ("sqs:CreateQueue", {"queueName": "orders"}),
        ("logs:CreateLogGroup", {"logGroupName": "/aws/lambda/shop-fn"}),
        ("logs:PutRetentionPolicy", {"logGroupName": "/aws/lambda/shop-fn", "retentionInDays": 90}),
    )):  # fmt: skip
        day.call(10.5 + step / 300, who, call, parameters)


def terraform(day: Day) -> None:
    """Four runs that read everything in the state, and change a little."""
    reads = (
        "ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeRouteTables",
        "ec2:DescribeNetworkAcls", "ec2:DescribeInstances", "s3:GetBucketPolicy", "s3:GetBucketVersioning",
        "s3:GetBucketEncryption", "s3:GetBucketLogging", "s3:GetBucketPublicAccessBlock", "kms:DescribeKey",
        "kms:GetKeyPolicy", "rds:DescribeDBInstances", "lambda:GetFunction20150331v2", "logs:DescribeLogGroups",
        "sqs:GetQueueAttributes", "sns:GetTopicAttributes", "dynamodb:DescribeTable", "ecs:DescribeClusters",
        "iam:GetRole", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies", "iam:GetPolicy", "iam:GetPolicyVersion",
    )  # fmt: skip
    for number, start in enumerate((9.2, 11.4, 14.1, 16.8)):
        who = role_session("terraform", f"run-{number}")
        for step, at in enumerate(day.spread(180, start, start + 0.1)):
            day.call(at, who, reads[step % len(reads)], {}, ip=NAT, agent=TERRAFORM)
        own = _policy({"AWS": f"arn:aws:iam::{ACCOUNT}:role/deploy"}, "s3:GetObject", f"arn:aws:s3:::assets-{number}/*")
        block = {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        }
        bucket = {"bucketName": f"assets-{number}"}
        for step, (call, parameters) in enumerate((
            ("s3:CreateBucket", bucket),
            ("s3:PutBucketPublicAccessBlock", {**bucket, "PublicAccessBlockConfiguration": block}),
            ("s3:PutBucketEncryption", bucket),
            ("s3:PutBucketVersioning", {**bucket, "VersioningConfiguration": {"Status": "Enabled"}}),
            ("s3:PutBucketPolicy", {**bucket, "bucketPolicy": json.loads(own)}),
            ("ec2:CreateTags", {"tagSet": {"items": [{"key": "env", "value": "prod"}]}}),
            ("rds:ModifyDBInstance", {"dBInstanceIdentifier": "shop", "allocatedStorage": 200}),
            ("dynamodb:UpdateTable", {"tableName": "carts"}),
        )):  # fmt: skip
            day.call(start + 0.11 + step / 600, who, call, parameters, ip=NAT, agent=TERRAFORM)


def applications(day: Day) -> None:
    """Instances and functions reading what they need, again and again, through the company's NAT gateway."""
    for number in range(6):
        who = role_session("shop-node", f"i-0123456789abcde{number:02x}")
        for at in day.spread(40):
            day.call(at, who, "ssm:GetParametersByPath", {"path": "/shop/", "withDecryption": True}, ip=NAT)
        for at in day.spread(6):
            for step, secret in enumerate(("database", "payment", "mail")):
                day.call(at + step / 3600, who, "secretsmanager:GetSecretValue", {"secretId": f"prod/{secret}"}, ip=NAT)
    worker = role_session("invoice-fn", "invoice")
    for at in day.spread(120):
        key = {"bucketName": "invoices-tmp", "key": f"tmp/{day.chance.getrandbits(32):x}.pdf"}
        call = day.chance.choice(("s3:PutObject", "s3:GetObject", "s3:DeleteObject"))
        day.call(at, worker, call, key, managementEvent=False, eventCategory="Data")
    for at in day.spread(60, 8, 20):
        day.call(at, role_session("assistant-fn", "assistant"), "bedrock:InvokeModel",
                 {"modelId": "amazon.titan-text-lite-v1"})  # fmt: skip


def policies(day: Day) -> None:
    """Terraform keeping policies as they are written down: narrow ones, for the company's own and for services."""
    who = role_session("terraform", "run-4")
    trust = _policy({"AWS": f"arn:aws:iam::{ACCOUNT}:role/deploy"}, "sts:AssumeRole")
    own = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    narrow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::assets-1/*"}
    version = {"policyDocument": json.dumps({"Version": "2012-10-17", "Statement": [narrow]}), "setAsDefault": True}
    topic = json.loads(
        _policy({"Service": "sns.amazonaws.com"}, "sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:q")
    )
    topic["Statement"][0]["Condition"] = {"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:orders"}}
    queue = {"queueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/q", "attributes": {"Policy": json.dumps(topic)}}
    core = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    rule = {"ID": "tmp", "Status": "Enabled", "Expiration": {"Days": 30}, "Filter": {"Prefix": "tmp/"}}
    for step, (call, parameters) in enumerate((
        ("iam:CreatePolicyVersion", {"policyArn": f"arn:aws:iam::{ACCOUNT}:policy/assets", **version}),
        ("iam:UpdateAssumeRolePolicy", {"roleName": "reports", "policyDocument": trust}),
        ("iam:AttachRolePolicy", {"roleName": "shop-node", "policyArn": core}),
        ("iam:TagRole", {"roleName": "shop-node", "tags": [{"key": "env", "value": "prod"}]}),
        ("kms:CreateKey", {"policy": _policy(own, "kms:*", "*"), "description": "carts"}),
        ("kms:PutKeyPolicy", {"keyId": "1", "policyName": "default", "policy": _policy(own, "kms:*", "*")}),
        ("kms:EnableKeyRotation", {"keyId": "1"}),
        ("sqs:SetQueueAttributes", queue),
        ("s3:PutBucketLifecycle", {"bucketName": "invoices-tmp", "LifecycleConfiguration": {"Rule": rule}}),
        ("ec2:CreateLaunchTemplateVersion", {"CreateLaunchTemplateVersionRequest": {"LaunchTemplateName": "shop"}}),
        ("ec2:RevokeSecurityGroupIngress", _open_to("10.0.0.0/16", 5432)),
        ("config:PutConfigRule", {"configRule": {"configRuleName": "encrypted-volumes"}}),
        ("ecr:SetRepositoryPolicy", {"repositoryName": "shop", "policyText": _policy(own, "ecr:BatchGetImage")}),
    )):  # fmt: skip
        day.call(13.2 + step / 300, who, call, parameters, ip=NAT, agent=TERRAFORM)


def previews(day: Day) -> None:
    """Pull requests get an environment of their own, and lose it when they are merged."""
    for number, at in enumerate(day.spread(8, 9, 18)):
        who, name = role_session("previews", f"pr-{number}"), f"preview-{number}"
        for step, (call, parameters) in enumerate((
            ("s3:CreateBucket", {"bucketName": name}),
            ("rds:CreateDBInstance", {"dBInstanceIdentifier": name, "publiclyAccessible": False}),
            ("ec2:CreateSecurityGroup", {"groupName": name}),
            ("sqs:CreateQueue", {"queueName": name}),
            ("sqs:DeleteQueue", {"queueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"}),
            ("ec2:DeleteSecurityGroup", {"groupId": "sg-0123456789abcdef1"}),
            ("s3:DeleteBucket", {"bucketName": name}),
            ("lambda:DeleteFunction20150331", {"functionName": name}),
            ("cloudformation:DeleteStack", {"stackName": name}),
        )):  # fmt: skip
            day.call(at + step / 60, who, call, parameters, ip=NAT, agent=PIPELINE)
        for object_number in range(30):
            key = {"bucketName": name, "key": f"assets/{object_number}.css"}
            day.call(at + 0.08, who, "s3:DeleteObject", key, ip=NAT, managementEvent=False, eventCategory="Data")


def autoscaling_of_clusters(day: Day) -> None:
    who = role_session("karpenter", "1741050000")
    for at in day.spread(60):
        day.call(at, who, "ec2:DescribeInstanceTypes", {}, ip=NAT)
        day.call(at + 0.002, who, "ec2:CreateFleet", {"CreateFleetRequest": {"Type": "instant"}}, ip=NAT)
        day.call(
            at + 0.003, who, "ec2:RunInstances", {"instanceType": "m6i.large", "minCount": 1, "maxCount": 1}, ip=NAT
        )
        day.call(
            at + 0.5, who, "ec2:TerminateInstances", {"instancesSet": {"items": [{"instanceId": "i-0aa"}]}}, ip=NAT
        )


def rotate_secrets(day: Day) -> None:
    who = role_session("rotate-fn", "rotate")
    for at in day.spread(8):
        secret = {"secretId": "prod/database"}
        for step, call in enumerate(("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")):
            day.call(at + step / 3600, who, f"secretsmanager:{call}", secret)


def patch(day: Day) -> None:
    who = role_session("maintenance-window", "mw-0123", invokedBy="ssm.amazonaws.com")
    for at in day.spread(4, 2, 4):
        day.call(at, who, "ssm:SendCommand", {"documentName": "AWS-RunPatchBaseline", "targets": [{"key": "tag:env"}]})


def scanner(day: Day) -> None:
    """A vendor's posture scanner reads the account's settings each hour, a few services at a time."""
    who = role_session("PostureScanner", "scan")
    reads = (
        "ec2:DescribeRegions",
        "s3:ListBuckets",
        "rds:DescribeDBInstances",
        "kms:ListKeys",
        "lambda:ListFunctions20150331",
    )
    for hour in range(24):
        for step, call in enumerate(reads):
            day.call(hour + 0.2 + step / 200, who, call, {}, ip="203.0.113.99", agent="Boto3/1.34 posture-scanner")


def _open_to(block: str, port: int) -> dict[str, Any]:
    item = {"ipProtocol": "tcp", "fromPort": port, "toPort": port, "ipRanges": {"items": [{"cidrIp": block}]}}
    return {"groupId": "sg-0123456789abcdef0", "ipPermissions": {"items": [item]}}


def _policy(principal: dict[str, str], action: str, resource: str = "") -> str:
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        **({"Resource": resource} if resource else {}),
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _issuer() -> str:
    return f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"


SCENES = (
    deploy,
    stacks,
    terraform,
    policies,
    previews,
    applications,
    autoscaling_of_clusters,
    rotate_secrets,
    patch,
    scanner,
)
