"""Terraform destroys what it made: a service is retired, a test environment is taken down on Friday."""

from __future__ import annotations

from ..company import DEV, NAT, PROD, REGION, STAGING, TERRAFORM, digest, ingress, role
from ..month import Month, Step


def happens(month: Month) -> None:
    for account, a_day, final in ((PROD, 0.12, True), (STAGING, 0.3, False), (DEV, 0.6, False)):
        for number, at in enumerate(month.runs(a_day, 14, 18, workdays=True)):
            who = role("terraform", f"aws-go-sdk-17516{number:05d}", account)
            gone = _service(f"old-{digest(f'{account}{number}', 6)}", final)
            month.steps(at, who, gone, seconds=1.5, ip=NAT, agent=TERRAFORM)


def _service(name: str, final: bool) -> tuple[Step, ...]:
    key = f"arn:aws:kms:{REGION}:111122223333:key/{digest(name, 8)}"
    last = {"skipFinalSnapshot": not final, "deleteAutomatedBackups": not final}
    return (
        ("ecs:DeleteService", {"cluster": "main", "service": name, "force": True}),
        (
            "elasticloadbalancing:ModifyLoadBalancerAttributes",
            {"loadBalancerArn": name, "attributes": [{"key": "deletion_protection.enabled", "value": "false"}]},
        ),
        ("elasticloadbalancing:DeleteLoadBalancer", {"loadBalancerArn": name}),
        ("elasticloadbalancing:DeleteTargetGroup", {"targetGroupArn": name}),
        ("rds:ModifyDBInstance", {"dBInstanceIdentifier": name, "deletionProtection": False}),
        ("rds:DeleteDBInstance", {"dBInstanceIdentifier": name, **last}),
        ("dynamodb:UpdateTable", {"tableName": name, "deletionProtectionEnabled": False}),
        ("dynamodb:DeleteTable", {"tableName": name}),
        ("secretsmanager:DeleteSecret", {"secretId": f"{name}/api", "forceDeleteWithoutRecovery": not final}),
        ("secretsmanager:DeleteSecret", {"secretId": f"{name}/db", "recoveryWindowInDays": 7}),
        ("kms:DeleteAlias", {"aliasName": f"alias/{name}"}),
        ("kms:ScheduleKeyDeletion", {"keyId": key, "pendingWindowInDays": 30}),
        ("ec2:DeleteFlowLogs", {"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": f"fl-{digest(name)}"}}}),
        ("logs:DeleteLogGroup", {"logGroupName": f"/ecs/{name}"}),
        ("s3:DeleteBucketPolicy", {"bucketName": f"{name}-assets"}),
        ("s3:DeleteBucketPublicAccessBlock", {"bucketName": f"{name}-assets"}),
        ("s3:DeleteBucket", {"bucketName": f"{name}-assets"}),
        ("sns:DeleteTopic", {"topicArn": f"arn:aws:sns:{REGION}:111122223333:{name}"}),
        ("sqs:DeleteQueue", {"queueUrl": name}),
        ("monitoring:DeleteAlarms", {"alarmNames": [f"{name}-latency"]}),
        ("events:RemoveTargets", {"rule": name, "ids": ["1"]}),
        ("events:DeleteRule", {"name": name}),
        ("wafv2:DisassociateWebACL", {"resourceArn": name}),
        ("iam:DetachRolePolicy", {"roleName": f"{name}-task", "policyArn": f"arn:aws:iam::111122223333:policy/{name}"}),
        ("iam:DeleteRolePolicy", {"roleName": f"{name}-task", "policyName": "own"}),
        ("iam:DeleteRole", {"roleName": f"{name}-task"}),
        ("iam:DeletePolicy", {"policyArn": f"arn:aws:iam::111122223333:policy/{name}"}),
        ("backup:DeleteBackupSelection", {"backupPlanId": "daily", "selectionId": name}),
        ("elasticfilesystem:DeleteMountTarget", {"mountTargetId": f"fsmt-{digest(name)}"}),
        ("elasticfilesystem:DeleteFileSystem", {"fileSystemId": f"fs-{digest(name)}"}),
        (
            "ec2:TerminateInstances",
            {"instancesSet": {"items": [{"instanceId": f"i-{digest(name + str(n))}"} for n in range(3)]}},
        ),
        ("ec2:RevokeSecurityGroupIngress", ingress("0.0.0.0/0", 443, f"sg-{digest(name)}")),
        ("ec2:DeleteSecurityGroup", {"groupId": f"sg-{digest(name)}"}),
        (
            "route53:ChangeResourceRecordSets",
            {
                "hostedZoneId": "Z0123456789EXAMPLE",
                "changeBatch": {
                    "changes": [{"action": "DELETE", "resourceRecordSet": {"name": f"{name}.example.com", "type": "A"}}]
                },
            },
        ),
    )
