"""Auto Scaling groups grow and shrink, by a service-linked role and, as old groups do, in root's name."""

from __future__ import annotations

from ..company import DEV, PROD, digest, instances, linked, root
from ..month import Month


def happens(month: Month) -> None:
    who = linked("autoscaling", "AWSServiceRoleForAutoScaling")
    for number, at in enumerate(month.runs(20)):
        node = f"i-{digest(f'asg{number}')}"
        answer = {"instancesSet": {"items": [{"instanceId": node}]}}
        month.call(at, who, "ec2:RunInstances", {"instanceType": "c7g.large", "minCount": 1, "maxCount": 1}, answer)
        month.call(at + 2, who, "ec2:TerminateInstances", instances(node))
        old = root(DEV, invokedBy="autoscaling.amazonaws.com")
        month.call(at, old, "ec2:RunInstances", {"instanceType": "m6i.large"}, answer)
    for at in month.runs(2):
        month.call(at, linked("autoscaling", "AWSServiceRoleForAutoScaling", PROD), "ec2:CreateTags", {})
