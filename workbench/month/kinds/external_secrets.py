"""The external secrets operator reads every secret and parameter of the cluster again and again."""

from __future__ import annotations

from ..company import CLUSTER, GO, pod
from ..month import Month

AGENT = GO + " external-secrets"


def happens(month: Month) -> None:
    who = pod("external-secrets")
    for at in month.runs(5):
        for number in range(24):
            month.call(
                at + number / 3000,
                who,
                "secretsmanager:GetSecretValue",
                {"secretId": f"prod/app-{number}", "versionStage": "AWSCURRENT"},
                ip=CLUSTER,
                agent=AGENT,
            )
        for number in range(10):
            asked = {"name": f"/prod/app-{number}", "withDecryption": True}
            month.call(at + number / 3000, who, "ssm:GetParameter", asked, ip=CLUSTER, agent=AGENT)
