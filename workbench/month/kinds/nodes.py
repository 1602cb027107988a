"""Nodes and servers by their instance roles: agents that report, images that are pulled, settings that are read."""

from __future__ import annotations

from ..company import CLUSTER, GO, NAT, instance
from ..month import Month


def happens(month: Month) -> None:
    for number in range(12):
        who, ip = instance("KarpenterNodeRole-main", number), CLUSTER
        for at in month.runs(3.5):
            month.steps(
                at,
                who,
                (
                    ("ec2:DescribeInstances", {}),
                    ("ecr:GetAuthorizationToken", {}),
                    ("ssm:UpdateInstanceInformation", {"instanceId": f"i-{number}", "agentName": "amazon-ssm-agent"}),
                ),
                ip=ip,
                agent=GO,
            )
    for number in range(4):
        who = instance("web-server", number)
        for at in month.runs(5):
            month.steps(
                at,
                who,
                (
                    ("ssm:GetParametersByPath", {"path": "/web/", "withDecryption": True}),
                    ("secretsmanager:GetSecretValue", {"secretId": "prod/web"}),
                    ("ssm:PutInventory", {"instanceId": f"i-{number}"}),
                ),
                ip=NAT,
                agent=GO,
            )
