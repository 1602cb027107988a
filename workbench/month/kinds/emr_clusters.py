"""Airflow starts a cluster for the night's reports; EMR's role launches and ends its instances."""

from __future__ import annotations

from ..company import digest, instances, pod, role, through
from ..month import Month


def happens(month: Month) -> None:
    airflow, emr = pod("airflow"), through(role("EMR_DefaultRole", "CCSSession"), "elasticmapreduce")
    for number, at in enumerate(month.runs(1, 2, 4)):
        month.steps(
            at,
            airflow,
            (
                (
                    "elasticmapreduce:RunJobFlow",
                    {"name": "reports", "jobFlowRole": "EMR_EC2_DefaultRole", "serviceRole": "EMR_DefaultRole"},
                ),
                ("elasticmapreduce:AddJobFlowSteps", {"jobFlowId": f"j-{number}"}),
                ("elasticmapreduce:DescribeStep", {}),
            ),
        )
        nodes = [f"i-{digest(f'emr{number}{n}')}" for n in range(12)]
        answer = {"instancesSet": {"items": [{"instanceId": node} for node in nodes]}}
        month.call(
            at + 0.05, emr, "ec2:RunInstances", {"instanceType": "r6g.4xlarge", "minCount": 12, "maxCount": 12}, answer
        )
        month.call(at + 2, emr, "ec2:TerminateInstances", instances(*nodes))
        month.call(at + 2, airflow, "elasticmapreduce:TerminateJobFlows", {"jobFlowIds": [f"j-{number}"]})
