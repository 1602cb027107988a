"""Each pull request has an environment of its own, with a database, which is deleted when it is merged."""

from __future__ import annotations

from ..company import GO, STAGING, digest, runner, workflow
from ..month import Month


def happens(month: Month) -> None:
    for number, at in enumerate(month.runs(5, 9, 18, workdays=True)):
        who, name = workflow("previews", number, STAGING), f"pr-{2000 + number}"
        ip = runner(number)
        month.steps(
            at,
            who,
            (
                ("s3:CreateBucket", {"bucketName": name}),
                ("kms:CreateKey", {"description": name}),
                (
                    "rds:CreateDBInstance",
                    {"dBInstanceIdentifier": name, "dBInstanceClass": "db.t4g.micro", "publiclyAccessible": False},
                ),
                ("secretsmanager:CreateSecret", {"name": f"preview/{name}"}),
                ("ecs:CreateService", {"cluster": "previews", "serviceName": name}),
                ("cloudformation:CreateStack", {"stackName": name, "capabilities": ["CAPABILITY_IAM"]}),
            ),
            ip=ip,
            agent=GO,
        )
        later = at + month.chance.uniform(1, 20)
        month.steps(
            later,
            workflow("previews", number + 5000, STAGING),
            (
                (
                    "rds:DeleteDBInstance",
                    {"dBInstanceIdentifier": name, "skipFinalSnapshot": True, "deleteAutomatedBackups": True},
                ),
                ("secretsmanager:DeleteSecret", {"secretId": f"preview/{name}", "forceDeleteWithoutRecovery": True}),
                ("kms:ScheduleKeyDeletion", {"keyId": digest(name, 8), "pendingWindowInDays": 7}),
                ("ecs:DeleteService", {"cluster": "previews", "service": name}),
                ("logs:DeleteLogGroup", {"logGroupName": f"/preview/{name}"}),
                ("s3:DeleteBucket", {"bucketName": name}),
                ("cloudformation:DeleteStack", {"stackName": name}),
            ),
            ip=runner(number + 5000),
            agent=GO,
        )
