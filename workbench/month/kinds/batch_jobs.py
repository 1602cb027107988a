"""Batch jobs: a scheduler submits them, Batch's service role launches spot instances of all sizes, GPUs too."""

from __future__ import annotations

from ..company import digest, instances, linked, pod
from ..month import Month


def happens(month: Month) -> None:
    who, service_role = pod("argo-workflows"), linked("batch", "AWSServiceRoleForBatch")
    for number, at in enumerate(month.runs(4)):
        month.call(
            at, who, "batch:SubmitJob", {"jobName": f"render-{number}", "jobQueue": "spot", "jobDefinition": "render"}
        )
        month.call(at + 0.1, service_role, "ec2:RequestSpotFleet", {"spotFleetRequestConfig": {"targetCapacity": 20}})
        month.call(
            at + 0.1, service_role, "ec2:RunInstances", {"instanceType": "g5.2xlarge", "minCount": 1, "maxCount": 1}
        )
        month.call(at + 1, service_role, "ec2:TerminateInstances", instances(f"i-{digest(str(number))}"))
