"""Crossplane's controllers keep what is declared in the cluster: roles, buckets, databases."""

from __future__ import annotations

from ..company import CLUSTER, GO, digest, pod, trust
from ..month import Month


def happens(month: Month) -> None:
    who = pod("crossplane-provider-aws")
    for at in month.runs(12):
        for call in ("rds:DescribeDBInstances", "iam:GetRole", "s3:GetBucketPolicy", "iam:ListAttachedRolePolicies"):
            month.call(at, who, call, {}, ip=CLUSTER, agent=GO + " upbound-provider-aws/1.9.0")
    for number, at in enumerate(month.runs(0.5, 9, 18, workdays=True)):
        name = f"claim-{digest(str(number), 5)}"
        month.steps(
            at,
            who,
            (
                (
                    "iam:CreateRole",
                    {"roleName": name, "assumeRolePolicyDocument": trust({"Service": "rds.amazonaws.com"})},
                ),
                (
                    "iam:AttachRolePolicy",
                    {
                        "roleName": name,
                        "policyArn": "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
                    },
                ),
                ("rds:CreateDBInstance", {"dBInstanceIdentifier": name, "publiclyAccessible": False}),
                ("rds:ModifyDBInstance", {"dBInstanceIdentifier": name, "masterUserPassword": "****"}),
                ("rds:DeleteDBInstance", {"dBInstanceIdentifier": name, "skipFinalSnapshot": True}),
            ),
            seconds=900,
            ip=CLUSTER,
            agent=GO + " upbound-provider-aws/1.9.0",
        )
