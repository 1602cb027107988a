"""A vendor's product is set up: a role that its account may assume, with its external id, by Terraform."""

from __future__ import annotations

from ..company import COSTS, PROD, TERRAFORM, foreign, role, trust
from ..month import Month


def happens(month: Month) -> None:
    at = month.on(6, 13.5)
    trusted = trust({"AWS": f"arn:aws:iam::{COSTS}:root"}, condition={"StringEquals": {"sts:ExternalId": "9f8e7d"}})
    month.steps(
        at,
        role("terraform", "aws-go-sdk-1751800000"),
        (
            ("iam:CreateRole", {"roleName": "CostOptimizer", "assumeRolePolicyDocument": trusted}),
            (
                "iam:AttachRolePolicy",
                {"roleName": "CostOptimizer", "policyArn": "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"},
            ),
        ),
        agent=TERRAFORM,
    )
    for day in range(7, 22):
        assumed = {"roleArn": f"arn:aws:iam::{PROD}:role/CostOptimizer", "externalId": "9f8e7d"}
        month.call(month.on(day, 5), foreign(COSTS), "sts:AssumeRole", assumed, ip="203.0.113.40", account=PROD)
        for call in (
            "ce:GetCostAndUsage",
            "ce:GetReservationCoverage",
            "ec2:DescribeInstances",
            "compute-optimizer:GetEC2InstanceRecommendations",
        ):
            month.call(month.on(day, 5.01), role("CostOptimizer", "costs"), call, {}, ip="203.0.113.40")
