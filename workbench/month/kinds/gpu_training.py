"""The training pipeline launches GPU instances on working days, and ends them."""

from __future__ import annotations

from ..company import BOTO, NAT, digest, instances, role
from ..month import Month


def happens(month: Month) -> None:
    who = role("training-pipeline", "training-pipeline")
    for number, at in enumerate(month.runs(1, 19, 21, workdays=True)):
        node = f"i-{digest(f'gpu{number}')}"
        answer = {"instancesSet": {"items": [{"instanceId": node, "instanceType": "g5.12xlarge"}]}}
        month.call(
            at,
            who,
            "ec2:RunInstances",
            {"instanceType": "g5.12xlarge", "minCount": 1, "maxCount": 1},
            answer,
            ip=NAT,
            agent=BOTO,
        )
        month.call(at + 4, who, "ec2:TerminateInstances", instances(node), ip=NAT, agent=BOTO)
