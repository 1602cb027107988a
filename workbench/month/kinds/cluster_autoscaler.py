"""The cluster autoscaler sets the size of node groups."""

from __future__ import annotations

from ..company import GO, STAGING, digest, pod
from ..month import Month


def happens(month: Month) -> None:
    who = pod("cluster-autoscaler", STAGING)
    for number, at in enumerate(month.runs(30)):
        month.steps(
            at,
            who,
            (
                ("autoscaling:DescribeAutoScalingGroups", {}),
                ("eks:DescribeNodegroup", {"name": "main"}),
                (
                    "autoscaling:SetDesiredCapacity",
                    {"autoScalingGroupName": "eks-main", "desiredCapacity": 3 + number % 40},
                ),
                (
                    "autoscaling:TerminateInstanceInAutoScalingGroup",
                    {"instanceId": f"i-{digest(str(number))}", "shouldDecrementDesiredCapacity": True},
                ),
            ),
            ip="198.51.100.60",
            agent=GO + " cluster-autoscaler",
        )
