"""Each sprint a load test starts two dozen instances for an hour."""

from __future__ import annotations

from ..company import BOTO, NAT, STAGING, digest, instances, role
from ..month import Month


def happens(month: Month) -> None:
    who = role("load-test", "load-test", STAGING)
    for day in (4, 14, 19):
        nodes = [f"i-{digest(f'load{day}{n}')}" for n in range(24)]
        at = month.on(day, 13)
        for node in nodes:
            answer = {"instancesSet": {"items": [{"instanceId": node}]}}
            month.call(
                at,
                who,
                "ec2:RunInstances",
                {"instanceType": "c6i.xlarge", "minCount": 1, "maxCount": 1},
                answer,
                ip=NAT,
                agent=BOTO,
            )
        month.call(at + 1, who, "ec2:TerminateInstances", instances(*nodes), ip=NAT, agent=BOTO)
