"""A cluster is upgraded, and gets access entries, by Terraform; a person does the rest."""

from __future__ import annotations

from ..company import BROWSER, OFFICE, OPERATORS, PROD, STAGING, TERRAFORM, person, role
from ..month import Month


def happens(month: Month) -> None:
    for day, account in ((3, STAGING), (8, PROD)):
        who = role("terraform", "aws-go-sdk-1751700000", account)
        entry = {"name": "main", "principalArn": f"arn:aws:iam::{account}:role/platform"}
        month.steps(
            month.on(day, 11),
            who,
            (
                ("eks:UpdateClusterVersion", {"name": "main", "version": "1.30"}),
                ("eks:UpdateNodegroupVersion", {"name": "main", "nodegroupName": "system"}),
                ("eks:CreateAccessEntry", entry),
                (
                    "eks:AssociateAccessPolicy",
                    {
                        **entry,
                        "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
                        "accessScope": {"type": "cluster"},
                    },
                ),
                ("eks:UpdateAddon", {"name": "main", "addonName": "vpc-cni"}),
                ("eks:DeleteNodegroup", {"name": "main", "nodegroupName": "old"}),
            ),
            seconds=60,
            agent=TERRAFORM,
        )
        month.steps(
            month.on(day, 12),
            person(OPERATORS[0], "PlatformAdmin", account, console=True),
            (
                ("eks:ListClusters", {}),
                ("eks:DescribeCluster", {"name": "main"}),
                ("eks:AccessKubernetesApi", {"name": "main"}),
            ),
            ip=OFFICE,
            agent=BROWSER,
        )
