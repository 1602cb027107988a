"""Secrets rotate by functions."""

from __future__ import annotations

from ..company import role, service
from ..month import Month


def happens(month: Month) -> None:
    who = role("rotate-fn", "rotate-fn")
    for number, at in enumerate(month.runs(5)):
        secret = {"secretId": f"prod/database-{number % 12}"}
        month.steps(
            at,
            who,
            tuple(
                (f"secretsmanager:{call}", secret)
                for call in (
                    "DescribeSecret",
                    "GetSecretValue",
                    "GetRandomPassword",
                    "PutSecretValue",
                    "UpdateSecretVersionStage",
                )
            ),
        )
        if number % 6 == 0:
            month.call(
                at + 0.01,
                who,
                "rds:ModifyDBInstance",
                {"dBInstanceIdentifier": f"db-{number % 12}", "masterUserPassword": "****"},
            )
        month.call(
            at,
            service("secretsmanager"),
            "secretsmanager:RotationStarted",
            eventType="AwsServiceEvent",
            additionalEventData=secret,
        )
